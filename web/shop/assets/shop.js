// Midori's counter: the cart, the members and the orders, all in this browser. It runs before the tag, so what it
// says to `omotenashi` travels ahead of the page's own view.
(() => {
  const { lang, words, goods } = window.MIDORI;
  const byId = new Map(goods.map((item) => [item.id, item]));
  const FREE_FROM = 5000;
  const SHIPPING = 500;
  const GOLD_FROM = 10000;

  const memory = {
    read(name, otherwise) {
      try {
        return JSON.parse(localStorage.getItem(`midori.${name}`)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    write(name, value) {
      try {
        localStorage.setItem(`midori.${name}`, JSON.stringify(value));
      } catch {
        // a browser that keeps nothing has an empty cart on the next page
      }
    },
  };

  const yen = (amount) => `¥${amount.toLocaleString("en-US")}`;
  const lines = () =>
    Object.entries(memory.read("cart", {}))
      .filter(([id, quantity]) => byId.has(id) && quantity > 0)
      .map(([id, quantity]) => ({ item: byId.get(id), quantity }));
  const subtotal = () => lines().reduce((sum, { item, quantity }) => sum + item.price * quantity, 0);
  const shipping = (sum) => (sum === 0 || sum >= FREE_FROM ? 0 : SHIPPING);
  const bought = () =>
    lines().map(({ item, quantity }) => ({ item_id: item.id, name: item.name, category: item.category, price: item.price, quantity }));
  const tellCart = () => omotenashi("track", "cart", { in_cart_price: subtotal(), items: bought() });

  const put = (id, quantity) => {
    const cart = memory.read("cart", {});
    if (quantity > 0) cart[id] = quantity;
    else delete cart[id];
    memory.write("cart", cart);
  };

  // A page that goes away at once would leave its last words for the next one; give them a moment, never more.
  const heard = (said) => Promise.race([Promise.all(said), new Promise((done) => setTimeout(done, 800))]);

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const sums = (off = 0) => {
    const sum = subtotal();
    const send = shipping(sum);
    const row = (label, value, kind = "") => [element("dt", { class: kind }, label), element("dd", { class: kind }, value)];
    return element(
      "dl",
      { class: "sums" },
      ...row(words.subtotal, yen(sum)),
      ...(off ? row(words.discount, `−${yen(off)}`) : []),
      ...row(words.shipping, send === 0 ? words.free : yen(send)),
      ...row(words.total, yen(Math.max(0, sum - off) + send), "sum"),
    );
  };

  const picture = (item, size) => element("img", { src: `/art/${item.id}.svg`, alt: "", width: size, height: size });

  const showCart = (place) => {
    if (lines().length === 0) {
      place.replaceChildren(
        element("p", { class: "lead" }, words.cart_empty),
        element("p", { class: "onward", style: "justify-content:flex-start" }, element("a", { class: "button", href: "/tea" }, words.keep)),
      );
      return;
    }
    const list = lines().map(({ item, quantity }) => {
      const choose = element("select", { "aria-label": `${words.quantity}: ${item.name}`, "data-quantity": item.id });
      for (let n = 1; n <= Math.max(6, quantity); n++) choose.append(element("option", n === quantity ? { selected: "" } : {}, String(n)));
      const change = (to) => {
        put(item.id, to);
        tellCart();
        location.reload();
      };
      choose.addEventListener("change", () => change(Number(choose.value)));
      const remove = element("button", { type: "button", class: "quiet", "data-remove": item.id }, words.remove);
      remove.addEventListener("click", () => change(0));
      return element(
        "li",
        {},
        picture(item, 84),
        element("b", {}, item.name),
        element("span", { class: "price" }, yen(item.price * quantity)),
        element("span", { class: "change" }, choose, remove),
      );
    });
    place.replaceChildren(
      element("ul", { class: "lines" }, ...list),
      sums(),
      element(
        "p",
        { class: "onward" },
        element("a", { href: "/tea" }, words.keep),
        element("a", { class: "button call", href: "/checkout" }, words.checkout),
      ),
    );
  };

  const showSummary = (place, off) =>
    place.replaceChildren(
      element(
        "ul",
        { class: "lines" },
        ...lines().map(({ item, quantity }) =>
          element(
            "li",
            {},
            picture(item, 52),
            element("b", {}, `${item.name} × ${quantity}`),
            element("span", { class: "price" }, yen(item.price * quantity)),
          ),
        ),
      ),
      sums(off),
    );

  const showHead = () => {
    const count = lines().reduce((sum, { quantity }) => sum + quantity, 0);
    const badge = document.querySelector("[data-count]");
    badge.textContent = String(count);
    badge.hidden = count === 0;
    const member = memory.read("member", null);
    const place = document.querySelector("[data-member]");
    place.hidden = member === null;
    document.querySelector("[data-join]").hidden = member !== null;
    if (member !== null) {
      const out = element("button", { type: "button", class: "quiet" }, words.signout);
      out.addEventListener("click", async () => {
        memory.write("member", null);
        await heard([omotenashi("reset")]);
        location.href = "/";
      });
      place.replaceChildren(`${member.name}${words.hello}`, out);
    }
  };

  const wireAdd = (form) =>
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const id = form.dataset.add;
      put(id, (memory.read("cart", {})[id] ?? 0) + Number(form.elements.quantity.value));
      tellCart();
      showHead();
      document.querySelector("[data-added]").hidden = false;
    });

  const memberId = async (email) => {
    const bytes = new TextEncoder().encode(email.trim().toLowerCase());
    let hash = 0x811c9dc5;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return `m${hash.toString(36)}`;
  };

  const wireSignup = (form) =>
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const name = form.elements.name.value.trim();
      const id = await memberId(form.elements.email.value);
      memory.write("member", { id, name });
      await heard([omotenashi("identify", { user_id: id, name, rank: "regular" }), omotenashi("track", "signup", { way: "form" })]);
      location.href = "/signup/done";
    });

  const wireBrochure = (form) =>
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await heard([omotenashi("track", "brochure_request", { way: "post" })]);
      form.hidden = true;
      document.querySelector("[data-brochure-done]").hidden = false;
    });

  const wireOrder = (form) => {
    let off = 0;
    const summary = document.querySelector("[data-summary]");
    const said = document.querySelector("[data-coupon-said]");
    const member = memory.read("member", null);
    if (member !== null) form.elements.name.value = member.name;
    if (lines().length === 0) location.replace("/cart");
    showSummary(summary, off);
    document.querySelector("[data-coupon]").addEventListener("input", (event) => {
      const code = event.target.value.trim().toUpperCase();
      off = code === "MIDORI500" ? Math.min(500, subtotal()) : 0;
      said.textContent = off ? words.coupon_good : code.length >= 9 ? words.coupon_bad : "";
      showSummary(summary, off);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const sum = subtotal();
      const number = `M${Date.now().toString(36).toUpperCase()}`;
      const revenue = sum - off;
      const buy = { transaction_id: number, revenue, shipping: shipping(sum), items: bought(), ...(off ? { coupon: "MIDORI500" } : {}) };
      memory.write("cart", {});
      const spent = memory.read("spent", 0) + revenue;
      const gold = member !== null && spent >= GOLD_FROM;
      memory.write("spent", spent);
      memory.write("order", { number, gold });
      await heard([
        omotenashi("track", "buy", buy),
        tellCart(),
        ...(gold ? [omotenashi("attribute", { rank: "gold" })] : []),
      ]);
      location.href = "/thanks";
    });
  };

  const wirePrivacy = (button) => {
    const off = () => document.cookie.includes("_omo_out=1");
    const say = () => (button.textContent = off() ? words.privacy_off : words.privacy);
    button.addEventListener("click", async () => {
      await omotenashi(off() ? "optIn" : "optOut");
      say();
    });
    say();
  };

  /** Who Omotenashi says this browser is, for whoever wants to ask about themselves. */
  const showVisitor = (line) => {
    const say = () => {
      const found = /(?:^|; )_omo=([^;]+)/.exec(document.cookie);
      line.hidden = found === null;
      if (found !== null) line.querySelector("code").textContent = found[1];
    };
    addEventListener("load", say);
    addEventListener("focusin", say);
  };

  if (location.pathname === "/cart") tellCart();

  document.addEventListener("DOMContentLoaded", () => {
    const on = (selector, wire) => {
      const found = document.querySelector(selector);
      if (found !== null) wire(found);
    };
    showHead();
    on("[data-cart]", showCart);
    on("[data-add]", wireAdd);
    on("[data-signup]", wireSignup);
    on("[data-brochure]", wireBrochure);
    on("[data-order]", wireOrder);
    on("[data-privacy]", wirePrivacy);
    on("[data-visitor]", showVisitor);
    on("[data-number]", (place) => {
      const order = memory.read("order", null);
      if (order === null) return;
      place.textContent = `${words.order_number} ${order.number}`;
      document.querySelector("[data-gold]").hidden = !order.gold;
    });
  });
})();
