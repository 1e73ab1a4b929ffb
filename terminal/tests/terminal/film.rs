//! What a terminal showed, as a moving picture (SVG 1.1 with SMIL) that needs no player.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

use vt100::{Cell, Color, Screen};

use crate::pty::bare;

/// Pixels of a cell, and around all of them.
const CELL: (usize, usize) = (8, 17);
const EDGE: usize = 12;

/// It plays as often, and ends with its last picture: nothing moves on a page for ever.
const TIMES: usize = 3;

/// The sixteen colours and the two that stand where a program asks for none, on black as on white pages.
const PALETTE: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#d2a8ff", "#39c5cf", "#b1bac4", "#6e7681",
    "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#e2c5ff", "#56d4dd", "#f0f6fc",
];
const INK: &str = "#c9d1d9";
const PAPER: &str = "#0d1117";

/// Text of one look in one row: what is drawn at once, and stays while it does not change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    row: u16,
    column: u16,
    columns: u16,
    text: String,
    ink: &'static str,
    paper: &'static str,
    bold: bool,
}

/// Screens in equal distances of time.
pub(crate) struct Film {
    size: (u16, u16),
    distance: Duration,
    screens: u32,
    /// When each is to be seen.
    runs: BTreeMap<Run, Vec<Range<u32>>>,
}

impl Film {
    /// Of a window of `size` columns and rows.
    pub(crate) fn new(size: (u16, u16), distance: Duration) -> Self {
        Self { size, distance, screens: 0, runs: BTreeMap::new() }
    }

    pub(crate) fn take(&mut self, screen: &Screen) {
        let now = self.screens;
        self.screens += 1;
        for run in (0..self.size.1).flat_map(|row| runs(screen, row, self.size.0)) {
            let shown = self.runs.entry(run).or_default();
            match shown.last_mut() {
                Some(last) if last.end == now => last.end += 1,
                _ => shown.push(now..now + 1),
            }
        }
    }

    /// The picture. It says `title` to whoever does not see it.
    pub(crate) fn svg(&self, title: &str) -> String {
        let [width, height] =
            [usize::from(self.size.0) * CELL.0, usize::from(self.size.1) * CELL.1].map(|it| it + 2 * EDGE);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"13\" xml:space=\"preserve\">\n\
             <title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{PAPER}\"/>\n",
            escaped(title)
        );
        for (run, shown) in &self.runs {
            self.draw(&mut svg, run, shown);
        }
        svg + "</svg>\n"
    }

    fn draw(&self, svg: &mut String, run: &Run, shown: &[Range<u32>]) {
        let [x, y] =
            [(run.column, CELL.0), (run.row, CELL.1)].map(|(at, cell)| EDGE + usize::from(at) * cell);
        let width = usize::from(run.columns) * CELL.0;
        let always = matches!(shown, [range] if *range == (0..self.screens));
        let mut group = String::new();
        if run.paper != PAPER {
            let _ = write!(
                group,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>",
                CELL.1, run.paper
            );
        }
        let text = run.text.trim_matches(' ');
        if !text.is_empty() {
            let bold = if run.bold { " font-weight=\"bold\"" } else { "" };
            let [before, after] = blanks(&run.text).map(|blanks| usize::from(blanks) * CELL.0);
            // Whatever a font's width is, a column is a column.
            let _ = write!(
                group,
                "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{bold}>{}</text>",
                x + before,
                y + CELL.1 - 4,
                width - before - after,
                run.ink,
                escaped(text)
            );
        }
        if group.is_empty() {
            return;
        }
        if always {
            let _ = writeln!(svg, "{group}");
        } else {
            let first = if shown[0].start == 0 { "visible" } else { "hidden" };
            let _ = writeln!(svg, "<g visibility=\"{first}\">{group}{}</g>", self.animation(shown));
        }
    }

    /// Makes something be seen in these ranges of screens only.
    fn animation(&self, shown: &[Range<u32>]) -> String {
        let mut times = vec![(0, "hidden")];
        for range in shown {
            times.retain(|(at, _)| *at != range.start);
            times.push((range.start, "visible"));
            if range.end < self.screens {
                times.push((range.end, "hidden"));
            }
        }
        let [values, keys] = [
            times.iter().map(|(_, value)| (*value).to_owned()).collect::<Vec<_>>(),
            times.iter().map(|(at, _)| format!("{:.4}", f64::from(*at) / f64::from(self.screens))).collect(),
        ]
        .map(|all: Vec<String>| all.join(";"));
        let duration = self.distance.as_secs_f64() * f64::from(self.screens);
        format!(
            "<animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{duration:.1}s\" repeatCount=\"{TIMES}\" fill=\"freeze\" \
             values=\"{values}\" keyTimes=\"{keys}\"/>"
        )
    }
}

/// The row, in pieces of one look. A frame's line ends a piece: what is beside it changes at another time.
fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut begins = true;
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|it| !it.is_wide_continuation()) else { continue };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let (ink, paper) = colours(cell);
        let line = text == "│";
        let width = if cell.is_wide() { 2 } else { 1 };
        match runs.last_mut() {
            Some(run) if !begins && !line && (run.ink, run.paper, run.bold) == (ink, paper, cell.bold()) => {
                run.text.push_str(text);
                run.columns += width;
            }
            _ => runs.push(Run {
                row,
                column,
                columns: width,
                text: text.into(),
                ink,
                paper,
                bold: cell.bold(),
            }),
        }
        begins = line;
    }
    runs.into_iter().map(trimmed).collect()
}

/// Without the blanks around it, if they have no colour of their own: then it is the same whatever is beside it.
fn trimmed(mut run: Run) -> Run {
    if run.paper == PAPER {
        let [before, after] = blanks(&run.text);
        run.column += before;
        run.columns = run.columns.saturating_sub(before + after);
        run.text = run.text.trim_matches(' ').to_owned();
    }
    run
}

/// How many there are before and after a text.
fn blanks(text: &str) -> [u16; 2] {
    [text.trim_start_matches(' '), text.trim_end_matches(' ')]
        .map(|rest| u16::try_from(text.len() - rest.len()).unwrap())
}

fn colours(cell: &Cell) -> (&'static str, &'static str) {
    let [ink, paper] = [(cell.fgcolor(), INK), (cell.bgcolor(), PAPER)].map(|(colour, other)| match colour {
        Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or(other),
        Color::Default | Color::Rgb(..) => other,
    });
    let ink = if cell.dim() { PALETTE[8] } else { ink };
    if cell.inverse() { (paper, ink) } else { (ink, paper) }
}

fn escaped(text: &str) -> String {
    bare(text).replace('&', "&amp;").replace('<', "&lt;")
}

/// What is to be read when a film has ended, row by row.
pub(crate) fn lines_at_the_end(svg: &str, size: (u16, u16)) -> Vec<String> {
    let mut rows = vec![vec![' '; size.0.into()]; size.1.into()];
    for piece in pieces(svg).filter(|piece| piece.ends_visible) {
        let [column, row] = [(piece.at.0, CELL.0), (piece.at.1, CELL.1)].map(|(at, cell)| (at - EDGE) / cell);
        for (cell, letter) in rows[row][column..].iter_mut().zip(piece.text.chars()) {
            *cell = letter;
        }
    }
    rows.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
}

/// The words that never change in a film.
pub(crate) fn still(svg: &str) -> BTreeSet<String> {
    let words = |piece: &Piece| !piece.moves && piece.text.contains(char::is_alphabetic);
    pieces(svg).filter(words).map(|piece| piece.text).collect()
}

struct Piece {
    at: (usize, usize),
    text: String,
    moves: bool,
    ends_visible: bool,
}

/// A piece is a line of the file.
fn pieces(svg: &str) -> impl Iterator<Item = Piece> {
    svg.lines().filter_map(|line| {
        let (_, text) = line.split_once("<text ")?;
        let (attributes, text) = text.split_once('>')?;
        let (text, _) = text.split_once('<')?;
        let values = line.split_once("values=\"").and_then(|(_, values)| values.split('"').next());
        Some(Piece {
            at: (number(attributes, "x=\"")?, number(attributes, " y=\"")?),
            text: text.replace("&lt;", "<").replace("&amp;", "&"),
            moves: values.is_some(),
            ends_visible: values.is_none_or(|values| values.ends_with("visible")),
        })
    })
}

fn number(attributes: &str, name: &str) -> Option<usize> {
    attributes.split_once(name)?.1.split('"').next()?.parse().ok()
}
