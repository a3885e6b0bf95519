/** Why a visit has no recording, by the reasons of the API. */

import { defineWords } from "@/words/words";

export const unrecorded = defineWords({
  ja: {
    off: "録画の対象ではない",
    stopped: "録画を停止中",
    no_consent: "許諾がない",
    audience: "対象ユーザーではない",
    page: "録画するページではない",
    sample: "抽出の対象外",
    too_long: "録画できる長さを超えた",
    quota: "容量の上限",
    bot: "ロボット",
    staff: "スタッフ",
    over: "来訪が終わっていた",
    erased: "消去された",
    expired: "保存期間を過ぎた",
    too_short: "短すぎる",
    gone: "届かなかったか、削除された",
  },
  en: {
    off: "not to be recorded",
    stopped: "recording is stopped",
    no_consent: "no consent",
    audience: "not in the audience",
    page: "not a page that is recorded",
    sample: "not in the sample",
    too_long: "longer than is recorded",
    quota: "no room left",
    bot: "a robot",
    staff: "staff",
    over: "the visit was over",
    erased: "erased",
    expired: "its time was over",
    too_short: "too short",
    gone: "nothing came, or it was removed",
  },
});
