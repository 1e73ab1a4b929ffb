//! The terminal as a screen: taken over when opened, given back as it was when dropped, also by a panic.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::{DefaultTerminal, Frame};

/// What came from the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted: by a person, or by a scanner that acts as a keyboard.
    Paste(String),
    /// The window has another size.
    Resized,
}

/// Whether there is a terminal that can be drawn on.
pub(crate) fn is_there() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    io::stdout().is_terminal() && io::stdin().is_terminal() && !dumb
}

/// The screen, taken over.
pub(crate) struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal over.
    pub(crate) fn open() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        give_back_on_panic();
        // A terminal that does not know it gives pasted text as keys.
        let _ = execute!(io::stdout(), EnableBracketedPaste);
        Ok(Self { terminal })
    }

    /// Draws.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// Waits for the keyboard, for `timeout` at most.
    pub(crate) fn input(&mut self, timeout: Duration) -> io::Result<Option<Input>> {
        if !event::poll(timeout)? {
            return Ok(None);
        }
        Ok(match event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
            Event::Paste(text) => Some(Input::Paste(text)),
            Event::Resize(..) => {
                self.terminal.autoresize()?;
                Some(Input::Resized)
            }
            _ => None,
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // After a panic it was given back already; once more would write over what was told.
        if !std::thread::panicking() {
            give_back();
            let _ = std::panic::take_hook();
        }
    }
}

fn give_back() {
    let _ = execute!(io::stdout(), DisableBracketedPaste);
    ratatui::restore();
    let _ = io::stdout().flush();
}

/// A panic of the thread that draws gives the terminal back before it is told. A panic elsewhere ends in an error
/// that the screen shows; told here it would tear the picture.
fn give_back_on_panic() {
    let _ = std::panic::take_hook();
    let tell = std::panic::take_hook();
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == drawing {
            give_back();
            tell(panic);
        }
    }));
}

/// Ctrl with a letter.
pub(crate) fn is_ctrl(key: &KeyEvent, letter: char) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char(letter)
}

/// A letter without Ctrl or Alt.
pub(crate) fn letter(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => Some(c),
        _ => None,
    }
}
