import { expect, test } from "vitest";
import { found } from "@/replay/heat";

test("a path leads to its element from the root, or from the nearest id, and nowhere when it is gone", () => {
  document.body.innerHTML =
    "<header><nav><a>tea</a><b></b><a>sale</a></nav></header><main id='main'><p></p><p><a>buy</a></p></main>";
  const said = (path: string) => found(document, path)?.textContent ?? null;
  expect(said("html>body:1>header:1>nav:1>a:2")).toBe("sale");
  expect(said("#main>p:2>a:1")).toBe("buy");
  expect(said("#main>p:3>a:1")).toBeNull();
  expect(said("#nowhere>p:1")).toBeNull();
});
