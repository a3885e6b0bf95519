/** The house's colours and type, as Mantine wants them. The same values stand in `theme.css` as custom properties. */

import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#f0f3f9",
  "#dfe5f0",
  "#bccae2",
  "#8fb0e8",
  "#6a8cc4",
  "#4a6ba3",
  "#35558b",
  "#27406b",
  "#1f3458",
  "#172845",
];
const vermilion: MantineColorsTuple = [
  "#fdf0ec",
  "#fbdfd6",
  "#f6bfae",
  "#f0764f",
  "#e8684a",
  "#de5939",
  "#d2482a",
  "#b83d22",
  "#97321c",
  "#752716",
];
const matcha: MantineColorsTuple = [
  "#f3f7ee",
  "#e4edd9",
  "#c9dbb3",
  "#9cbf77",
  "#86ab60",
  "#719650",
  "#5e7f3f",
  "#4d6a33",
  "#3e5629",
  "#2f411f",
];
const yamabuki: MantineColorsTuple = [
  "#fdf6e7",
  "#faeac6",
  "#f4d58d",
  "#e8b24a",
  "#dba22f",
  "#d2961f",
  "#c98a12",
  "#8a5e08",
  "#6d4a06",
  "#503704",
];
const wisteria: MantineColorsTuple = [
  "#f5f3f9",
  "#e8e3f1",
  "#d0c7e3",
  "#b3a4da",
  "#9c8bc6",
  "#8b7ab7",
  "#7c6ba8",
  "#675892",
  "#534775",
  "#3f3659",
];
const ash: MantineColorsTuple = [
  "#f5f4f2",
  "#e9e7e3",
  "#d3d0ca",
  "#b6b2aa",
  "#9a958a",
  "#8d8a83",
  "#6f6a60",
  "#58544c",
  "#403d37",
  "#2a2824",
];

const night: MantineColorsTuple = [
  "#ece9e2",
  "#c9c4ba",
  "#a39e93",
  "#79746a",
  "#3a3e45",
  "#2a2d33",
  "#1c1f24",
  "#16181c",
  "#121417",
  "#0e1013",
];

/** A filled button's words: white on the deep shades of day, ink on the pale ones of night. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const found = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...found, color: "var(--on-filled)" } : found;
};

export const theme = createTheme({
  variantColorResolver,
  colors: { indigo, vermilion, matcha, yamabuki, wisteria, gray: ash, dark: night },
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 3 },
  fontFamily:
    '"Inter Variable", "Hiragino Sans", "Hiragino Kaku Gothic ProN", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic", YuGothic, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK JP", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "22px" },
  lineHeights: { xs: "1.45", sm: "1.5", md: "1.55", lg: "1.5", xl: "1.3" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "40px" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "16px" }, h3: { fontSize: "14px" } } },
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
});
