//! What the demo tells while it plays, and to whom.

use std::convert::Infallible;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use courier_domain::StopId;
use serde::{Deserialize, Serialize};

use super::{Outcome, words};
use crate::phone::{Glance, Phone};

/// Something new. It travels as JSON from the process in the cellar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum News {
    /// A line of the story: all that is shown without a terminal.
    Line(String),
    /// The courier stands at a door.
    Door {
        /// Where.
        stop: StopId,
        /// The name on the label.
        recipient: String,
    },
    /// Something happens there.
    Happens(String),
    /// What the phone shows.
    Phone(Box<Glance>),
    /// Whether there is a network.
    Network(bool),
}

/// Where the demo is played. It ends when nobody looks any more.
pub(super) struct Stage {
    tell: Box<dyn Fn(News) -> bool + Send>,
    nobody: Option<Receiver<Infallible>>,
    pace: Duration,
}

/// Who looks. Dropped, it ends the play.
pub(super) struct Audience {
    /// What is told.
    pub(super) news: Receiver<News>,
    _here: Sender<Infallible>,
}

/// A stage with an audience. `pace` is the time spent at every door.
pub(super) fn open(pace: Duration) -> (Stage, Audience) {
    let (tell, news) = mpsc::channel();
    let (here, nobody) = mpsc::channel();
    let tell = Box::new(move |new| tell.send(new).is_ok());
    (Stage { tell, nobody: Some(nobody), pace }, Audience { news, _here: here })
}

impl Stage {
    /// The stage of the process in the cellar: every news is a line of JSON.
    pub(super) fn on_stdout(pace: Duration) -> Self {
        let tell = |news: News| serde_json::to_string(&news).is_ok_and(|line| writes(&line));
        Self { tell: Box::new(tell), nobody: None, pace }
    }

    /// Seconds at every door.
    pub(super) fn seconds(&self) -> f64 {
        self.pace.as_secs_f64()
    }

    pub(super) fn tell(&self, news: News) -> Outcome<()> {
        if (self.tell)(news) { Ok(()) } else { Err(early()) }
    }

    pub(super) fn line(&self, text: impl Into<String>) -> Outcome<()> {
        self.tell(News::Line(text.into()))
    }

    /// What the phone shows now.
    pub(super) fn show(&self, phone: &Phone) -> Outcome<()> {
        self.tell(News::Phone(Box::new(phone.glance().map_err(words)?)))
    }

    /// Half of the time spent at a door.
    pub(super) fn pause(&self) -> Outcome<()> {
        let half = self.pace / 2;
        match &self.nobody {
            None => std::thread::sleep(half),
            Some(nobody) => match nobody.recv_timeout(half) {
                Err(RecvTimeoutError::Disconnected) => return Err(early()),
                Err(RecvTimeoutError::Timeout) | Ok(_) => {}
            },
        }
        Ok(())
    }
}

fn early() -> String {
    "ended early: the totals were not compared".into()
}

fn writes(line: &str) -> bool {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_play_ends_when_nobody_looks_any_more() {
        let (stage, audience) = open(Duration::from_hours(1));
        stage.line("seen").unwrap();
        assert_eq!(audience.news.try_recv(), Ok(News::Line("seen".into())));
        drop(audience);
        assert_eq!(stage.pause(), Err(early()), "it waits for nobody");
        assert_eq!(stage.line("unseen"), Err(early()));
    }
}
