//! Barcodes on labels, checked before anybody has to scan them.

use courier_domain::barcode::{mod10_3_1, s10};

/// Longest barcode, in characters.
const MAX_LEN: usize = 64;

/// Checks a barcode: printable, and with the right check digit where its form has one.
pub fn check(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > MAX_LEN || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("1 to 64 printable ASCII characters are needed");
    }
    let is_sscc = text.len() == 18 && text.bytes().all(|b| b.is_ascii_digit());
    if is_sscc && !mod10_3_1(text) {
        return Err("wrong check digit (SSCC-18)");
    }
    if s10_number(text).is_some_and(|number| !s10(number)) {
        return Err("wrong check digit (S10)");
    }
    Ok(())
}

/// The digits of a number that has the form of UPU S10.
fn s10_number(text: &str) -> Option<&str> {
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    let (service, number, country) = (text.get(..2)?, text.get(2..11)?, text.get(11..)?);
    let fits = letters(service) && letters(country) && number.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(number)
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
