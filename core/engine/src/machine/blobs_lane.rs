//! `HEAD` and `PUT /v1/blobs/{sha256}`: photos and signatures go to the server, in parts, after the fact that names them was
//! recorded. How far an upload came is the server's to say: nothing about it is stored here.

use std::collections::BTreeSet;

use courier_protocol::blobs::Part;
use courier_protocol::header::{HAVE, REQUEST};
use zeroize::Zeroizing;

use super::lane::Lane;
use super::{Machine, Trouble};
use crate::clock::Now;
use crate::error::EngineError;
use crate::http::{HttpRequest, HttpResponse, Method, NetError};
use crate::store::journal::Incident;

#[derive(Debug, Default)]
pub(super) struct BlobsLane {
    pub(super) lane: Lane,
    upload: Option<Upload>,
    /// The name of the request on its way.
    echo: String,
    /// The file whose turn it was: after a failure another one comes first.
    last: Option<String>,
    /// What the server has. A file stays here until its fact is there too.
    complete: BTreeSet<String>,
}

/// A file on its way.
#[derive(Debug)]
struct Upload {
    name: String,
    bytes: Zeroizing<Vec<u8>>,
    /// How much of it the server has; unknown before it was asked, and after an answer that was lost.
    have: Option<usize>,
}

impl Machine {
    /// A file that the server does not have for sure, in turn.
    pub(super) fn due_blob(&self) -> Option<&str> {
        let due = |name: &&String| {
            self.state.is_file_stored(name).is_some() && !self.blobs.complete.contains(name.as_str())
        };
        let names = self.store.blobs.names();
        let last = self.blobs.last.as_ref();
        let next = names.iter().filter(due).find(|name| last.is_none_or(|last| *name > last));
        next.or_else(|| names.iter().find(due)).map(String::as_str)
    }

    /// Asks how much of a file is there, or sends what follows. Nothing if the file turned out to be damaged.
    pub(super) fn blob_request(&mut self, now: &Now) -> Result<Option<HttpRequest>, EngineError> {
        let Some(name) = self.due_blob().map(str::to_owned) else { return Ok(None) };
        let upload = match self.blobs.upload.take() {
            Some(upload) if upload.name == name => upload,
            _ => {
                let Some(bytes) = self.open_file(&name)? else {
                    self.give_up_file(&name, now)?;
                    return Ok(None);
                };
                Upload { name, bytes, have: None }
            }
        };
        self.blobs.echo = self.random_text();
        let (mut headers, path) = (self.headers(&self.blobs.echo), format!("/v1/blobs/{}", upload.name));
        let (method, body) = match upload.have {
            None => (Method::Head, Vec::new()),
            Some(have) => {
                let part = Part::after(have, upload.bytes.len());
                headers.push(("content-range".into(), part.to_header()));
                headers.push(("content-type".into(), "application/octet-stream".into()));
                (Method::Put, upload.bytes[part.from..part.to].to_vec())
            }
        };
        self.blobs.upload = Some(upload);
        let id = self.request_id();
        self.blobs.lane.sent(id, now);
        Ok(Some(HttpRequest { id, method, path, headers, body }))
    }

    pub(super) fn blob_received(&mut self, result: Result<HttpResponse, NetError>, now: &Now) {
        let Some(mut upload) = self.blobs.upload.take() else { return };
        let sent_from = upload.have.take();
        let Ok(answer) = result else {
            // What was sent may be there or not.
            self.blobs.upload = Some(upload);
            return self.blobs.lane.failed(now, self.rng.as_mut(), None);
        };
        if answer.status == 401 {
            self.forget_token();
            if self.blobs.lane.may_renew() {
                self.blobs.upload = Some(upload);
                return;
            }
        }
        let is_ours = answer.header(REQUEST) == Some(self.blobs.echo.as_str());
        let have = answer.header(HAVE).and_then(|text| text.parse().ok());
        match (answer.status, have) {
            (200 | 201, _) if is_ours => {
                self.blobs.lane.succeeded();
                self.blobs.complete.insert(upload.name);
                self.let_files_go();
                self.changed();
            }
            // A server that gets no further must not be sent the same without a pause.
            (202 | 204 | 409, Some(have))
                if is_ours && have < upload.bytes.len() && sent_from != Some(have) =>
            {
                self.blobs.lane.succeeded();
                self.blobs.upload = Some(Upload { have: Some(have), ..upload });
            }
            (status, _) => {
                if status < 400 {
                    self.warn("file-not-an-answer", &[]);
                    self.traffic.problem = Some(Trouble::NotAnAnswer);
                } else {
                    self.note_refusal(&answer);
                }
                self.blobs.last = Some(upload.name);
                self.blobs.lane.failed(now, self.rng.as_mut(), answer.retry_after_ms());
            }
        }
    }

    /// Removes what the server has whole and whose fact it has stored.
    pub(super) fn let_files_go(&mut self) {
        let is_stored = |name: &String| self.state.is_file_stored(name).unwrap_or(true);
        let going: Vec<String> = self.blobs.complete.iter().filter(|name| is_stored(name)).cloned().collect();
        for name in going {
            if self.store.blobs.remove(&name).is_ok() {
                self.blobs.complete.remove(&name);
            } else {
                self.warn("file-not-removed", &[&name]);
            }
        }
    }

    /// A file that is not what it was proves nothing: it goes, and the office is told.
    fn give_up_file(&mut self, name: &str, now: &Now) -> Result<(), EngineError> {
        self.warn("file-damaged", &[name]);
        self.store.journal.note_incident(Incident::FILE_DAMAGED, 0)?;
        self.store.blobs.remove(name)?;
        self.tell_incidents(now);
        Ok(())
    }

    /// Files that the server does not have for sure.
    pub(crate) fn pending_files(&self) -> u64 {
        let pending = |name: &&String| self.state.is_file_stored(name).is_some();
        self.store.blobs.names().iter().filter(pending).count() as u64
    }
}
