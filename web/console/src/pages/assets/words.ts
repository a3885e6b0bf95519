import { defineWords } from "@/words/words";

export const words = defineWords({
  ja: {
    title: "画像",
    lead: "メッセージに使う画像です。向きと大きさを整え、カメラの記録を消してから置きます。",
    every: "すべて",
    unused: "未使用",
    heavy: "重いもの",
    details: "画像のくわしい情報",
    none: "当てはまる画像はありません",
    save: "説明を保存する",
    total: (n: string, kb: string) => `${n}枚、合わせて ${kb} KB`,
  },
  en: {
    title: "Pictures",
    lead: "Pictures for your messages. They are turned upright, made as large as needed, and freed of what the camera wrote.",
    every: "All",
    unused: "Not used",
    heavy: "Heavy",
    details: "About this picture",
    none: "No picture fits",
    save: "Save the description",
    total: (n: string, kb: string) => `${n} pictures, ${kb} KB in all`,
  },
});
