//! Check digits. Each function says whether the last character of `text` is right; what has characters of another kind
//! is not.

/// Weights 3 and 1 in turn, from the right: GS1 General Specifications § 7.9, and USPS Publication 199 for `IMpb`.
pub fn mod10_3_1(text: &str) -> bool {
    weighted(text, |from_right, _| if from_right % 2 == 0 { 3 } else { 1 })
}

/// Weights 4 and 9 in turn, from the left: Identcode and Leitcode of Deutsche Post (<https://de.wiki.li/Leitcode>).
pub(super) fn mod10_4_9(text: &str) -> bool {
    weighted(text, |_, from_left| if from_left % 2 == 0 { 4 } else { 9 })
}

fn weighted(text: &str, weight: impl Fn(usize, usize) -> u32) -> bool {
    let Some(digits) = digits(text) else { return false };
    let Some((check, body)) = digits.split_last() else { return false };
    let sum: u32 = body.iter().enumerate().map(|(at, digit)| digit * weight(body.len() - 1 - at, at)).sum();
    (10 - sum % 10) % 10 == *check
}

/// UPU S10 § 6: weights 8 6 4 2 3 5 9 7 over eight digits; `text` is these and the check digit.
pub fn s10(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 = digits.iter().zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    digits[8] == check
}

/// UPS: letters count as their place in ASCII less 63, modulo 10; every second character counts twice. The last is a digit.
/// (<https://github.com/jkeen/tracking_number_data>, `couriers/ups.json`.) `text` is what follows `1Z`.
pub(super) fn ups(text: &str) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some((u32::from(byte) - 3) % 10),
        _ => None,
    };
    let Some(values) = text.bytes().map(value).collect::<Option<Vec<_>>>() else { return false };
    let is_digit = text.ends_with(|last: char| last.is_ascii_digit());
    let Some((check, body)) = values.split_last().filter(|_| is_digit) else { return false };
    let sum: u32 = body.iter().zip([1, 2].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
    (10 - sum % 10) % 10 == *check
}

/// ISO/IEC 7064 MOD 37,36, as DPD uses it.
pub(super) fn mod37_36(text: &str) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    };
    let Some(values) = text.bytes().map(value).collect::<Option<Vec<_>>>() else { return false };
    let Some((check, body)) = values.split_last() else { return false };
    let product = body.iter().fold(36, |product, value| {
        let sum = (product + value) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    (product + check) % 36 == 1
}

fn digits(text: &str) -> Option<Vec<u32>> {
    text.bytes().map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0'))).collect()
}
