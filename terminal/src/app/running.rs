//! Running the app: the loop between keyboard, core and screen. What may take long is done beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use courier_engine::{CourierError, Subscription, SyncReport};

use super::enrol::{self, Enrol};
use super::settings::{Folder, read_ca};
use super::view::View;
use super::{Action, App, Place};
use crate::phone::{Network, Phone, Server};
use crate::screen::{self, Input, Screen};
use crate::words::terms;

/// Longest wait for the keyboard before the other news are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Waits and ages are drawn this often, when nothing else happens.
const REFRESH: Duration = Duration::from_secs(1);

/// Runs the app until the courier leaves it.
pub(crate) fn run(data: Option<PathBuf>, url: Option<String>, ca: Option<&Path>) -> Result<(), String> {
    if !screen::is_there() {
        return Err("the app needs a terminal; `courier-terminal demo` does not".into());
    }
    let folder = Folder::take(data)?;
    let mut server = match url {
        Some(url) => Server { url, ca_pem: None },
        None => folder.server()?.unwrap_or_default(),
    };
    if let Some(file) = ca {
        server.ca_pem = Some(read_ca(file)?);
    }
    let mut running = Running::new(folder, server)?;
    let mut screen = Screen::open().map_err(|error| error.to_string())?;
    let ended = running.until_quit(&mut screen);
    drop(screen);
    running.close();
    ended.map_err(|error| error.to_string())
}

/// News from elsewhere than the keyboard.
enum News {
    Changed,
    Enrolled(Result<(Arc<Phone>, Server, String), String>),
    Synced(Result<SyncReport, CourierError>),
    NewCode(Result<(), CourierError>),
}

struct Running {
    app: App,
    view: View,
    folder: Folder,
    server: Server,
    phone: Option<(Arc<Phone>, Subscription)>,
    /// It was looked whether the app was killed at a door.
    is_back: bool,
    tell: Sender<News>,
    news: Receiver<News>,
}

impl Running {
    /// Opens the phone if it belongs to a courier; else it will be opened with the server that is entered.
    fn new(folder: Folder, server: Server) -> Result<Self, String> {
        let (tell, news) = mpsc::channel();
        let app = App::new(Place::Enrol(Enrol::new(&server.url)));
        let mut running =
            Self { app, view: View::default(), folder, server, phone: None, is_back: false, tell, news };
        if running.server.url.is_empty() {
            return Ok(running);
        }
        match open(&running.folder, &running.server) {
            Ok(phone) => {
                let courier = phone.diagnostics().map_err(|error| error.to_string())?.courier;
                if courier.is_some() {
                    running.app = App::new(Place::Today);
                    // A server that was said for this run does not replace the one of the enrolment.
                    if !matches!(running.folder.server(), Ok(Some(_))) {
                        running.folder.remember(&running.server)?;
                    }
                    running.attach(Arc::new(phone));
                }
            }
            Err(CourierError::InvalidInput { what }) => running.app.message = terms().input(what),
            Err(error) => return Err(error.to_string()),
        }
        Ok(running)
    }

    fn attach(&mut self, phone: Arc<Phone>) {
        let tell = self.tell.clone();
        let subscription = phone.observe(move |_| drop(tell.send(News::Changed)));
        self.phone = Some((phone, subscription));
    }

    fn until_quit(&mut self, screen: &mut Screen) -> std::io::Result<()> {
        loop {
            self.pull();
            let (app, view) = (&self.app, &self.view);
            screen.draw(|frame| app.draw(frame, view))?;
            if !self.wait(screen)? {
                return Ok(());
            }
        }
    }

    /// Waits until there is something to draw. False: the courier leaves.
    fn wait(&mut self, screen: &mut Screen) -> std::io::Result<bool> {
        let refresh = Instant::now() + REFRESH;
        let mut changed = false;
        while !changed && Instant::now() < refresh {
            while let Some(input) = screen.input(if changed { Duration::ZERO } else { TICK })? {
                changed = true;
                if !self.take(input) {
                    return Ok(false);
                }
            }
            while let Ok(news) = self.news.try_recv() {
                changed = true;
                self.hear(news);
            }
        }
        Ok(true)
    }

    fn take(&mut self, input: Input) -> bool {
        match input {
            Input::Resized => {}
            Input::Paste(text) => self.app.paste(&text),
            Input::Key(key) => match self.app.key(&key, &self.view) {
                Action::Quit => return false,
                action => {
                    self.act(action);
                    // The next key is meant for what this one has changed.
                    self.pull();
                }
            },
        }
        true
    }

    fn act(&mut self, action: Action) {
        let phone = self.phone.as_ref().map(|(phone, _)| Arc::clone(phone));
        match (action, phone) {
            (Action::Do(command), Some(phone)) => self.app.answered(&phone.ask(command)),
            (Action::Keep(command), Some(phone)) => {
                if let Err(error) = phone.ask(command) {
                    self.app.message = super::problem(&error);
                }
            }
            (Action::Sync, Some(phone)) if self.app.busy.is_none() => {
                self.app.busy = Some("exchanging");
                let tell = self.tell.clone();
                std::thread::spawn(move || drop(tell.send(News::Synced(phone.sync()))));
            }
            (Action::NewCode(attempt), Some(phone)) if self.app.busy.is_none() => {
                self.app.busy = Some("asking for a new code");
                let tell = self.tell.clone();
                std::thread::spawn(move || drop(tell.send(News::NewCode(phone.ask_for_new_code(&attempt)))));
            }
            (Action::Enrol { url, code }, None) if self.app.busy.is_none() => self.enrol(url, code),
            _ => {}
        }
    }

    /// Beside the loop, since a server that does not answer takes its time.
    fn enrol(&mut self, url: String, code: String) {
        let server = Server { url, ..self.server.clone() };
        let opened = match open(&self.folder, &server) {
            Ok(phone) => Arc::new(phone),
            Err(error) => {
                self.app.message = enrol::problem(&error);
                return;
            }
        };
        self.app.busy = Some("asking the server");
        let tell = self.tell.clone();
        std::thread::spawn(move || {
            let result = enrol_phone(&opened, &code);
            if result.is_err() {
                // The next attempt opens the same files again.
                opened.shutdown();
            }
            drop(tell.send(News::Enrolled(result.map(|welcome| (opened, server, welcome)))));
        });
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Changed => {}
            News::Synced(result) => self.app.synced(&result),
            News::NewCode(result) => self.app.new_code(&result),
            News::Enrolled(Err(problem)) => self.app.enrolled(Err(problem)),
            News::Enrolled(Ok((phone, server, welcome))) => {
                let remembered = self.folder.remember(&server);
                self.attach(phone);
                self.server = server;
                let said = match remembered {
                    Ok(()) => welcome,
                    Err(problem) => format!("{welcome} The server is not remembered: {problem}"),
                };
                self.app.enrolled(Ok(said));
            }
        }
    }

    fn pull(&mut self) {
        let Some((phone, _)) = &self.phone else { return };
        match View::pull(phone, &self.app.needs()) {
            Ok(view) => self.view = view,
            Err(error) => self.app.message = super::problem(&error),
        }
        if let (Some(route), false) = (&self.view.glance.route, self.is_back) {
            self.is_back = true;
            let stop = route.unfinished.as_ref().and_then(|stop| phone.stop(stop).ok());
            if let Some((stop, form)) = stop.and_then(|stop| Some((stop.id, stop.form?))) {
                self.app.come_back(stop, form.shipment);
                return self.pull();
            }
        }
        self.app.seen(&self.view);
    }

    fn close(self) {
        if let Some((phone, subscription)) = self.phone {
            drop(subscription);
            phone.shutdown();
        }
    }
}

fn open(folder: &Folder, server: &Server) -> Result<Phone, CourierError> {
    Phone::open(folder.path(), server, Network::BySelf)
}

/// What the courier reads when it worked, or when it did not.
fn enrol_phone(phone: &Phone, code: &str) -> Result<String, String> {
    // The server was forgotten, the phone was not.
    if phone.diagnostics().is_ok_and(|phone| phone.courier.is_some()) {
        return Ok("This phone was enrolled already.".into());
    }
    phone
        .enrol(code)
        .map(|courier| format!("Welcome, {}.", courier.name))
        .map_err(|error| enrol::problem(&error))
}
