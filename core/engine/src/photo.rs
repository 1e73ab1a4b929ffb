//! What leaves a phone of a photo: the picture, and which way is up. Cameras write more into a file than anybody at the
//! office may know: place, time, device, owner, thumbnails, and behind the picture a film.
//!
//! JPEG: ITU-T T.81 Annex B. Orientation: Exif 2.32 § 4.6.4 A, tag 274.

use courier_protocol::blobs::MAX_FILE;

use crate::error::InvalidInput;

/// Longest file that is read, in bytes: what cameras of 200 megapixels write has less.
pub(crate) const MAX_SOURCE: u64 = 64 << 20;

const MARK: u8 = 0xFF;
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// The picture alone. Fails with [`InvalidInput::NotAPhoto`] if the file is no JPEG or ends early, with
/// [`InvalidInput::PhotoTooLarge`] if the picture has more than 2 MiB.
pub(crate) fn strip(file: &[u8]) -> Result<Vec<u8>, InvalidInput> {
    let picture = picture(file).ok_or(InvalidInput::NotAPhoto)?;
    if picture.len() > MAX_FILE { Err(InvalidInput::PhotoTooLarge) } else { Ok(picture) }
}

fn picture(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(&[MARK, SOI])?;
    let mut kept = vec![MARK, SOI];
    // Where a note about the orientation goes: behind JFIF's own segment, which has to be the first.
    let (mut after_jfif, mut up, mut has_frame, mut has_scan) = (kept.len(), None, false, false);
    loop {
        let (marker, behind) = next_marker(rest)?;
        rest = behind;
        if marker == EOI {
            kept.extend([MARK, EOI]);
            break;
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let (segment, behind) = rest.split_at_checked(length)?;
        let body = segment.get(2..)?;
        rest = behind;
        let body = match (marker, body) {
            // Without its thumbnail.
            (APP0, [b'J', b'F', b'I', b'F', 0, fixed @ ..]) => {
                let mut jfif = b"JFIF\0".to_vec();
                jfif.extend(fixed.get(..7)?);
                jfif.extend([0, 0]);
                jfif
            }
            (APP1, [b'E', b'x', b'i', b'f', 0, 0, tiff @ ..]) => {
                up = up.or_else(|| orientation(tiff));
                continue;
            }
            // What the numbers of the picture mean as colours.
            (APP2, body) if body.starts_with(b"ICC_PROFILE\0") => body.to_vec(),
            (APP14, body) if body.starts_with(b"Adobe") => body.to_vec(),
            // Frames (SOF0 to SOF15 with DHT, JPG and DAC between them), DQT, DNL, DRI; everything else says something
            // about the picture and is none of it.
            (0xC0..=0xCF | SOS | 0xDB..=0xDD, body) => body.to_vec(),
            _ => continue,
        };
        has_frame |= matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        kept.extend([MARK, marker]);
        kept.extend(u16::try_from(body.len() + 2).ok()?.to_be_bytes());
        kept.extend(&body);
        if marker == APP0 {
            after_jfif = kept.len();
        }
        if marker == SOS {
            has_scan = true;
            let (scan, behind) = rest.split_at(scan_length(rest)?);
            kept.extend(scan);
            rest = behind;
        }
    }
    if !(has_frame && has_scan) {
        return None;
    }
    if let Some(up) = up.filter(|up| *up != 1) {
        kept.splice(after_jfif..after_jfif, orientation_segment(up));
    }
    Some(kept)
}

/// The next marker and what follows it; any number of 0xFF may stand before one.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes.strip_prefix(&[MARK])?;
    while let Some(more) = rest.strip_prefix(&[MARK]) {
        rest = more;
    }
    let (marker, rest) = rest.split_first()?;
    (*marker != 0).then_some((*marker, rest))
}

/// How long the coded picture is: up to a marker that is none of its own restarts (T.81 § B.1.1.5).
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let ends = |pair: &[u8]| pair[0] == MARK && !matches!(pair[1], 0 | MARK | 0xD0..=0xD7);
    bytes.windows(2).position(ends)
}

/// Which way is up, 1 to 8, if the camera said so.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.first_chunk()? {
        b"MM\0\x2A" => true,
        b"II\x2A\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let first = *tiff.get(4..)?.first_chunk()?;
    let first = if big { u32::from_be_bytes(first) } else { u32::from_le_bytes(first) };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(u16_at(first)?);
    (0..entries).find_map(|nth| {
        let entry = first.checked_add(2 + 12 * nth)?;
        // Tag 274, one SHORT.
        let is_it = u16_at(entry)? == 0x0112 && u16_at(entry + 2)? == 3;
        let value = u8::try_from(u16_at(entry + 8)?).ok()?;
        (is_it && (1..=8).contains(&value)).then_some(value)
    })
}

/// The smallest segment that says which way is up.
fn orientation_segment(up: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([up, 0, 0, 0, 0, 0, 0]);
    let length = u8::try_from(tiff.len() + 8).unwrap_or(u8::MAX);
    let mut segment = vec![MARK, APP1, 0, length];
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let mut segment = vec![MARK, marker];
        segment.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        segment.extend(body);
        segment
    }

    /// Exif as cameras write it: orientation among other tags, and a place.
    fn exif(up: u8, big: bool) -> Vec<u8> {
        let short = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let long = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut tiff = if big { b"MM\0\x2A".to_vec() } else { b"II\x2A\0".to_vec() };
        tiff.extend(long(8));
        tiff.extend(short(2));
        tiff.extend([&short(0x010F)[..], &short(2), &long(9), &long(38)].concat()); // Make, far away
        tiff.extend([&short(0x0112)[..], &short(3), &long(1), &short(u16::from(up)), &short(0)].concat());
        tiff.extend(long(0));
        tiff.extend(b"SECRETCAM");
        [b"Exif\0\0".to_vec(), tiff].concat()
    }

    /// A picture of two scans with a restart and a stuffed byte, around what the given segments say about it.
    fn photo(about: &[Vec<u8>]) -> Vec<u8> {
        let mut photo = vec![MARK, SOI];
        photo.extend(segment(APP0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01TTT")); // a thumbnail of one pixel
        photo.extend(about.concat());
        photo.extend(segment(0xDB, &[0; 65]));
        photo.extend(segment(0xC2, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]));
        photo.extend(segment(0xC4, &[0; 18]));
        for _ in 0..2 {
            photo.extend(segment(SOS, &[1, 1, 0, 0, 63, 0]));
            photo.extend([0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56]);
        }
        photo.extend([MARK, EOI]);
        photo
    }

    fn has(haystack: &[u8], needle: &[u8]) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn what_a_camera_wrote_stays_on_the_phone() {
        let mut file = photo(&[
            segment(APP1, &exif(1, true)),
            segment(APP1, b"http://ns.adobe.com/xap/1.0/\0SECRETXMP"),
            segment(APP2, b"MPF\0SECRETMPF"),
            segment(0xED, b"Photoshop 3.0\0SECRETIPTC"),
            segment(0xE4, b"SECRETMAKER"),
            segment(0xFE, b"SECRETCOMMENT"),
            segment(APP0, b"JFXX\0SECRETTHUMB"),
        ]);
        file.extend(b"SECRETFILM");
        let kept = strip(&file).unwrap();
        assert!(!has(&kept, b"SECRET") && !has(&kept, b"TTT"));
        assert!(!has(&kept, b"Exif"), "upright needs no note");
        assert!(has(&kept, &[0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56]), "the picture itself");
        assert_eq!(strip(&kept), Ok(kept.clone()), "nothing is left to take away");
        assert!(kept.ends_with(&[MARK, EOI]));
    }

    #[test]
    fn which_way_is_up_is_kept_and_colours_too() {
        for (up, big) in [(6, true), (8, false)] {
            let icc = segment(APP2, b"ICC_PROFILE\0\x01\x01colours");
            let adobe = segment(APP14, b"Adobe\0d\0\0\0\0\x01");
            let kept = strip(&photo(&[segment(APP1, &exif(up, big)), icc.clone(), adobe.clone()])).unwrap();
            assert!(!has(&kept, b"SECRET"));
            assert!(has(&kept, &icc) && has(&kept, &adobe));
            let at = kept.windows(4).position(|window| window == b"Exif").unwrap();
            assert_eq!(orientation(&kept[at + 6..]), Some(up));
            assert_eq!(&kept[6..10], b"JFIF", "JFIF's segment stays the first");
            assert_eq!(strip(&kept), Ok(kept.clone()));
        }
    }

    #[test]
    fn what_is_no_whole_jpeg_is_refused() {
        let whole = photo(&[]);
        for end in 0..whole.len() {
            assert_eq!(strip(&whole[..end]), Err(InvalidInput::NotAPhoto), "cut after {end} bytes");
        }
        for other in [&b""[..], b"\x89PNG\r\n\x1a\n", b"<svg/>", b"GIF89a", &[MARK, SOI, MARK, EOI]] {
            assert_eq!(strip(other), Err(InvalidInput::NotAPhoto));
        }
    }

    #[test]
    fn a_picture_that_cannot_be_sent_is_refused() {
        let mut large = photo(&[]);
        let at = large.len() - 2;
        large.splice(at..at, std::iter::repeat_n(0x55, MAX_FILE));
        assert_eq!(strip(&large), Err(InvalidInput::PhotoTooLarge));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_photo_or_none(
            bytes: Vec<u8>,
            about: Vec<(u8, Vec<u8>)>,
            flip in 0usize..200,
            with: u8,
        ) {
            let _ = strip(&bytes);
            let about: Vec<_> = about.iter().map(|(marker, body)| segment(*marker, body)).collect();
            let mut file = photo(&about);
            let at = flip % file.len();
            file[at] = with;
            if let Ok(kept) = strip(&file) {
                prop_assert_eq!(strip(&kept), Ok(kept.clone()));
            }
        }
    }
}
