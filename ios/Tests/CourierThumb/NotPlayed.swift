/// The scenario files that are not played with taps, each with the first step that is in the way, and why. A test holds the list against the
/// files: none is missing, and none is here that could be played.
public let notPlayed: [String: Refusal] = [
    "16-decoy": Refusal(step: "courier enter decoy", why: "only a thief with the phone's secrets finds it"),
    "23-neighbouring-fences": Refusal(
        step: "phone move", why: "a walk takes its time, and the app's clock stands still"),
    "24-wrong-pin": Refusal(step: "phone move", why: "a walk takes its time, and the app's clock stands still"),
    "32-reasons": Refusal(step: "courier enter decoy", why: "only a thief with the phone's secrets finds it"),
    "35-each-fact-once": Refusal(step: "office backup", why: "the backend's folder is not the runner's"),
    "38-two-phones": Refusal(step: "second_phone sync", why: "one simulator is one phone"),
    "39-suspended": Refusal(step: "phone suspend_in_sync", why: "the system suspends, not a thumb"),
]
