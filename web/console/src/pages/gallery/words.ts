import { defineWords } from "@/words/words";

export const words = defineWords({
  ja: {
    title: "テンプレート",
    lead: "メッセージのひな形です。どれもこのサイトの配色と文字で、タグが表示するとおりに動いています。",
    back: "すべてのテンプレート",
    use: "このテンプレートで接客サービスをつくる",
    tryOut: "書いてみる",
    tryLead: "ここで書いたことは、どこにも保存されません。",
    unknown: "このテンプレートはありません",
    theme: "配色を変える",
  },
  en: {
    title: "Templates",
    lead: "What messages are made of. Each one is alive here, in your site's colours and type, as the tag shows it.",
    back: "All templates",
    use: "Make a campaign with this template",
    tryOut: "Try it out",
    tryLead: "Nothing that you write here is kept.",
    unknown: "There is no such template",
    theme: "Change the colours",
  },
});
