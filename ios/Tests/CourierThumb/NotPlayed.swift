/// The scenario files that are not played with taps, each with the first step that is in the way, and why. A test holds the list against the
/// files: none is missing, and none is here that could be played.
public let notPlayed: [String: Refusal] = [
    "04-qr-offline": Refusal(step: "courier enter qr", why: "a simulator has no camera"),
    "16-decoy": Refusal(step: "courier enter decoy", why: "only a thief with the phone's secrets finds it"),
    "20-own-order": Refusal(step: "office reorder_with_last", why: "names stops by identifiers that no screen tells"),
    "21-proposal": Refusal(step: "office reorder", why: "names stops by identifiers that no screen tells"),
    "22-slow-legs": Refusal(step: "office reorder", why: "names stops by identifiers that no screen tells"),
    "23-neighbouring-fences": Refusal(step: "office reorder", why: "names stops by identifiers that no screen tells"),
    "24-wrong-pin": Refusal(step: "office reorder", why: "names stops by identifiers that no screen tells"),
    "26-seven-receivers": Refusal(step: "courier take_photo", why: "a simulator has no camera"),
    "27-one-of-three-damaged": Refusal(step: "courier take_photo", why: "a simulator has no camera"),
    "30-no-photo-of-people": Refusal(step: "courier take_photo", why: "a simulator has no camera"),
    "31-too-young": Refusal(step: "courier sign", why: "a signature is drawn, not tapped"),
    "32-reasons": Refusal(step: "courier enter decoy", why: "only a thief with the phone's secrets finds it"),
    "33-mis-tap": Refusal(step: "courier sign", why: "a signature is drawn, not tapped"),
    "34-reassigned": Refusal(step: "office reorder", why: "names stops by identifiers that no screen tells"),
    "35-each-fact-once": Refusal(step: "office backup", why: "the backend's folder is not the runner's"),
    "36-camera-kills-app": Refusal(step: "courier take_photo", why: "a simulator has no camera"),
    "38-two-phones": Refusal(step: "second_phone sync", why: "one simulator is one phone"),
    "39-suspended": Refusal(step: "phone suspend_in_sync", why: "the system suspends, not a thumb"),
]
