/** What is said while a project begins. */

import { defineWords } from "@/words/words";

export const words = defineWords({
  ja: {
    title: "新しいプロジェクト",
    lead: "プロジェクトは、一つのサイトと、そこで行う接客のすべてです。始めると、サイトに入れるタグをお渡しします。",
    name: "サイトの名前",
    namePlaceholder: "茶と器 みどり",
    origin: "サイトのアドレス",
    originHint: "このアドレスのページから届いたイベントだけを受け取ります。あとから増やせます。",
    id: "プロジェクトID",
    idHint: "画面のアドレスやコマンドで使います。あとから変えることはできません。",
    language: "サイトの言葉",
    languages: { ja: "日本語", en: "英語" },
    timeZone: "時間帯",
    timeZoneHint: "「1日」の区切りと、レポートの日付に使います。",
    begin: "はじめる",
    wrong: {
      id: "英小文字、数字、-、_ で入力してください。すでにあるIDは使えません。",
      origin: "https://shop.example のように、アドレスの先頭だけを入力してください。",
    },
  },
  en: {
    title: "A new project",
    lead: "A project is one site and all that is said on it. Once it has begun you get the tag to put on the site.",
    name: "Name of the site",
    namePlaceholder: "Midori tea & pottery",
    origin: "Address of the site",
    originHint: "Only events from pages of this address are taken. More can be added later.",
    id: "Project id",
    idHint: "Stands in addresses and commands. It cannot be changed later.",
    language: "Language of the site",
    languages: { ja: "Japanese", en: "English" },
    timeZone: "Time zone",
    timeZoneHint: "Where a day begins, for limits and reports.",
    begin: "Begin",
    wrong: {
      id: "Use small letters, digits, - and _; an id that exists already cannot be used again.",
      origin: "Give the beginning of the address only, such as https://shop.example.",
    },
  },
});
