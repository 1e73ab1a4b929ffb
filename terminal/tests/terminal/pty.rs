//! A program in a pseudo-terminal, with somebody who types and reads.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty};
use rustix::io::ioctl_fionread;
use rustix::termios::{LocalModes, tcgetattr};

/// A program that does not get there in this time hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// Without the marks of isolation around names, which cannot be seen.
pub(crate) fn bare(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    ended: bool,
}

/// The program and its terminal.
pub(crate) struct Program {
    pty: Arc<Pty>,
    child: Child,
    size: (u16, u16),
    shown: Arc<(Mutex<Shown>, Condvar)>,
}

impl Program {
    /// Starts `courier-terminal` in a window of `size` columns and rows.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)], size: (u16, u16)) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_courier-terminal"));
        Self::start_of(program, arguments, environment, size)
    }

    /// The same with another program.
    pub(crate) fn start_of(
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
        size: (u16, u16),
    ) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(size.1, size.0)).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .envs(environment.iter().copied())
            .spawn(pts)
            .unwrap();
        let (pty, shown) = (Arc::new(pty), Arc::<(Mutex<Shown>, Condvar)>::default());
        let (from, to) = (Arc::clone(&pty), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The kernel ends a terminal that nobody has open any more with an error.
            while let Ok(read @ 1..) = from.as_ref().read(&mut buffer) {
                to.0.lock().unwrap().bytes.extend(&buffer[..read]);
                to.1.notify_all();
            }
            to.0.lock().unwrap().ended = true;
            to.1.notify_all();
        });
        Self { pty, child, size, shown }
    }

    /// Types. An escape goes alone: read together with the key after it, it would be another key.
    pub(crate) fn type_text(&self, text: &str) {
        self.pty.as_ref().write_all(text.as_bytes()).unwrap();
        if text.ends_with('\u{1b}') {
            self.wait_until_it_has_read();
        }
    }

    fn wait_until_it_has_read(&self) {
        let Ok(terminal) = File::open(format!("/proc/{}/fd/0", self.child.id())) else { return };
        let deadline = Instant::now() + PATIENCE;
        // A program that has ended reads no more.
        while ioctl_fionread(&terminal).is_ok_and(|unread| unread > 0) {
            assert!(Instant::now() < deadline, "it does not read");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What is to be read now.
    pub(crate) fn screen(&self) -> vt100::Screen {
        self.screen_of(&self.shown.0.lock().unwrap().bytes)
    }

    fn screen_of(&self, bytes: &[u8]) -> vt100::Screen {
        let [columns, rows] = [self.size.0, self.size.1].map(|it| NonZeroU16::new(it).unwrap());
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        terminal.process(bytes);
        terminal.screen().clone()
    }

    /// Everything that was ever written.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.shown.0.lock().unwrap().bytes.clone()
    }

    /// Waits until a text is to be read.
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut shown = self.shown.0.lock().unwrap();
        loop {
            let screen = self.screen_of(&shown.bytes).contents();
            if bare(&screen).contains(text) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!shown.ended && !left.is_zero(), "{text:?} never came:\n{screen}");
            shown = self.shown.1.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits until it has ended and everything it wrote was read.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen().contents());
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut shown = self.shown.0.lock().unwrap();
        while !shown.ended {
            shown = self.shown.1.wait(shown).unwrap();
        }
        status
    }

    /// The terminal is as a shell wants it.
    pub(crate) fn assert_terminal_is_normal(&self) {
        let screen = self.screen();
        assert!(!screen.alternate_screen(), "the alternate screen stays");
        assert!(!screen.hide_cursor(), "the cursor stays hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste stays on");
        let modes = tcgetattr(self.pty.as_ref()).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG), "raw mode stays");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
