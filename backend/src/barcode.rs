//! Barcodes on labels, checked before anybody has to scan them.

/// Longest barcode, in characters.
const MAX_LEN: usize = 64;

/// Checks a barcode: printable, and with the right check digit where its form has one.
pub fn check(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > MAX_LEN || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("1 to 64 printable ASCII characters are needed");
    }
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    match digits {
        Some(digits) if digits.len() == 18 && !sscc_is_right(&digits) => Err("wrong check digit (SSCC-18)"),
        _ if !s10_is_right(text) => Err("wrong check digit (S10)"),
        _ => Ok(()),
    }
}

/// GS1 General Specifications § 7.9: weights 3 and 1 from the right.
fn sscc_is_right(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let sum: u32 =
        body.iter().rev().zip([3, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    (10 - sum % 10) % 10 == *check
}

/// UPU S10 § 6: weights 8 6 4 2 3 5 9 7. What does not have its form is right.
fn s10_is_right(text: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_uppercase());
    let (Some(service), Some(number), Some(country)) = (text.get(..2), text.get(2..11), text.get(11..))
    else {
        return true;
    };
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if text.len() != 13 || !letters(service) || !letters(country) || digits.len() != 9 {
        return true;
    }
    let sum: u32 = digits.iter().zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    digits[8] == check
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn check_digits_are_checked_where_there_are_some() {
        // The examples of the GS1 General Specifications and of UPU S10.
        for right in ["106141412345678908", "RB123456785GB", "ANY-OTHER-LABEL"] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in ["106141412345678907", "RB123456784GB", "", "with space", "ümlaut"] {
            assert!(check(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
