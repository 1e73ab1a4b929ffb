//! A signature as it was drawn, and the picture of it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// Most strokes.
pub const MAX_STROKES: usize = 500;
/// Most points of all strokes: half an hour of drawing, and a picture of less than 0.3 MB.
pub const MAX_POINTS: usize = 20_000;

/// What a finger drew on a screen. Coordinates are of the drawing area, from its upper left corner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Width of the area, 1 or more, in any unit.
    pub width: u16,
    /// Height of the area, in the same unit.
    pub height: u16,
    /// From finger down to finger up, each.
    pub strokes: Vec<Vec<Dot>>,
}

/// Where the finger was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dot {
    /// From the left.
    pub x: u16,
    /// From above.
    pub y: u16,
}

impl Signature {
    /// Whether somebody signed: within the area, within the bounds of this module, and more than one dot.
    pub fn is_drawn(&self) -> bool {
        let dots = || self.strokes.iter().flatten();
        let inside = dots().all(|dot| dot.x <= self.width && dot.y <= self.height);
        let first = dots().next();
        let moved = dots().any(|dot| Some(dot) != first);
        let bounded = self.strokes.len() <= MAX_STROKES && dots().count() <= MAX_POINTS;
        self.width > 0 && self.height > 0 && inside && moved && bounded
    }

    /// The picture (SVG 1.1): black lines on nothing, as wide as the area. The same strokes give the same bytes on every
    /// phone.
    pub fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        // As a pen of 1 mm on a field of 100 mm.
        let pen = (width / 100).max(1);
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path fill="none" stroke="#000" stroke-width="{pen}" stroke-linecap="round" stroke-linejoin="round" d=""##
        );
        for stroke in &self.strokes {
            for (nth, Dot { x, y }) in stroke.iter().enumerate() {
                let to = if nth == 0 { 'M' } else { 'L' };
                let _ = write!(svg, "{to}{x} {y}");
            }
            // A line of no length is drawn as a dot.
            if stroke.len() == 1 {
                svg.push_str("h0");
            }
        }
        svg.push_str("\"/></svg>");
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dot(x: u16, y: u16) -> Dot {
        Dot { x, y }
    }

    fn signature(strokes: Vec<Vec<Dot>>) -> Signature {
        Signature { width: 300, height: 100, strokes }
    }

    #[test]
    fn strokes_become_lines_and_a_touch_becomes_a_dot() {
        let drawn = signature(vec![vec![dot(10, 20), dot(30, 40), dot(50, 20)], vec![dot(60, 10)]]);
        assert!(drawn.is_drawn());
        let svg = drawn.svg();
        assert!(svg.contains("viewBox=\"0 0 300 100\""), "{svg}");
        assert!(svg.contains("stroke-width=\"3\""), "{svg}");
        assert!(svg.contains("d=\"M10 20L30 40L50 20M60 10h0\"/>"), "{svg}");
    }

    #[test]
    fn nothing_or_a_touch_or_what_is_off_the_screen_is_no_signature() {
        assert!(!signature(vec![]).is_drawn());
        assert!(!signature(vec![vec![], vec![dot(1, 1)]]).is_drawn());
        assert!(!signature(vec![vec![dot(1, 1), dot(1, 1)]]).is_drawn(), "a touch that did not move");
        assert!(!signature(vec![vec![dot(1, 1), dot(301, 1)]]).is_drawn());
        assert!(!Signature { width: 0, ..signature(vec![vec![dot(0, 1), dot(0, 2)]]) }.is_drawn());
        assert!(!Signature { height: 0, ..signature(vec![vec![dot(1, 0), dot(2, 0)]]) }.is_drawn());
        let line = |n: usize| (0..n).map(|n| dot(u16::try_from(n % 300).unwrap(), 1)).collect::<Vec<_>>();
        assert!(signature(vec![line(MAX_POINTS)]).is_drawn());
        assert!(!signature(vec![line(MAX_POINTS + 1)]).is_drawn());
        assert!(!signature(vec![line(2); MAX_STROKES + 1]).is_drawn());
    }

    proptest! {
        #[test]
        fn the_largest_picture_is_small_enough_to_be_sent(width in 1u16.., points in 2usize..MAX_POINTS) {
            let stroke = (0..points).map(|n| dot(u16::MAX - u16::try_from(n % 2).unwrap(), u16::MAX)).collect();
            let drawn = Signature { width, height: u16::MAX, strokes: vec![stroke] };
            prop_assert!(drawn.svg().len() < 300_000);
        }
    }
}
