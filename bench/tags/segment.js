import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({ writeKey: "bench", cdnURL: `${location.origin}/segment` });
analytics.page();
window.say = (n) => analytics.track("tea", { n });
