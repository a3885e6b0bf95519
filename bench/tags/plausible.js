import Plausible from "plausible-tracker";

const { trackPageview, trackEvent } = Plausible({ domain: "bench.example", apiHost: `${location.origin}/plausible`, trackLocalhost: true });
trackPageview();
window.say = (n) => trackEvent("tea", { props: { n } });
