//! What is on this phone, and how it stands with the server: `courier_engine`.

use courier_domain::CourierId;
use courier_engine::{
    Diagnostics, Goes, Kept, KeptKind, LaneDiagnostics, LogOut, Outbox, RouteDiagnostics, Schemas,
    StoreDiagnostics, SyncProblem, SyncReport,
};
use courier_protocol::{CourierInfo, KeyLevel};

/// For the screen "what is on this phone", and for support.
#[uniffi::remote(Record)]
pub struct Diagnostics {
    /// This installation.
    install: String,
    /// Its incarnation: above 1 after a restored backup.
    inc: u32,
    /// Whose phone it is.
    courier: Option<String>,
    /// How the device key is kept.
    key: KeyLevel,
    /// The server's epoch as last seen.
    epoch: String,
    /// Facts on this phone.
    facts: u64,
    /// Of these, not yet acknowledged.
    pending: u64,
    /// Photos and signatures of facts on this phone: the server does not have them, or not yet the fact.
    #[uniffi(default = 0)]
    files: u64,
    /// Everything on this phone, kind by kind, and when it goes.
    kept: Vec<Kept>,
    /// All facts, by how far the truth about them has travelled.
    outbox: Outbox,
    /// Entries of codes that were counted.
    tries: u64,
    /// The route, if there is one.
    route: Option<RouteDiagnostics>,
    /// Whether the server's clock is known since the device started.
    time_is_certain: bool,
    /// Whether the server has signed for what it stored.
    has_receipt: bool,
    /// The conversations with the server.
    lanes: Vec<LaneDiagnostics>,
    /// SQLite's version.
    sqlite: String,
    /// Versions of the databases' schemas.
    schemas: Schemas,
    /// How the files stand.
    store: StoreDiagnostics,
}

/// Things of one kind on this phone. What is personal in them is sealed.
#[uniffi::remote(Record)]
pub struct Kept {
    /// What they are.
    kind: KeptKind,
    /// How many there are, 1 at least.
    count: u64,
    /// How many bytes they take, without what the database needs around them.
    bytes: u64,
    /// When they go.
    goes: Goes,
}

/// A kind of things on this phone.
#[uniffi::remote(Enum)]
pub enum KeptKind {
    /// Facts. The newest of each incarnation stays for its chain, without its private part.
    Facts,
    /// Entries of codes that were counted.
    Entries,
    /// What the office sent of the route.
    Route,
    /// Screens of doors that are filled in and not recorded.
    Drafts,
    /// Photos and signatures.
    Files,
    /// Damaged files of the store, and copies from before an update.
    SetAside,
}

/// When things on this phone go.
#[uniffi::remote(Enum)]
pub enum Goes {
    /// Not before the server has all of them.
    OnceStored,
    /// The last of them then, milliseconds since 1970; by a time that the server vouches for, and while the app runs.
    By(i64),
    /// Not by themselves: when the courier leaves the phone.
    Stays,
}

/// How the files stand.
#[uniffi::remote(Record)]
pub struct StoreDiagnostics {
    /// Whether room for handovers is kept free. Not on a full disk.
    has_ballast: bool,
    /// Whether everything that was recorded since the app started is in the second place, too.
    is_logged: bool,
    /// Files that lie aside: damaged ones, and copies from before an update. They go after a week.
    aside: u64,
    /// How often the journal was damaged and put together again.
    salvages: u64,
    /// Facts that were lost by it, as far as anybody can know.
    lost: u64,
}

/// Facts on this phone, by how far the truth about them has travelled.
#[uniffi::remote(Record)]
pub struct Outbox {
    /// Only here.
    on_phone: u64,
    /// Stored by the backend, which has not judged them, or never does.
    stored: u64,
    /// Confirmed by the judge.
    confirmed: u64,
    /// A person looks at them.
    under_review: u64,
    /// Refuted by the judge.
    refuted: u64,
    /// Milliseconds since the oldest fact was made that is only here.
    oldest_ms: Option<u64>,
}

/// How a log-out ended.
#[uniffi::remote(Enum)]
pub enum LogOut {
    /// The phone belongs to nobody, as at its first start.
    Done {
        /// Facts that the server does not have and that are in the file. They count once it is taken in.
        exported: u64,
    },
    /// Nothing happened: these are only on this phone.
    Unsent {
        /// How many facts.
        facts: u64,
        /// How many photos and signatures of facts.
        files: u64,
    },
}

/// The route on this phone.
#[uniffi::remote(Record)]
pub struct RouteDiagnostics {
    /// Its identifier.
    id: String,
    /// Its revision.
    rev: u64,
    /// How many stops.
    stops: u64,
}

/// One conversation with the server.
#[uniffi::remote(Record)]
pub struct LaneDiagnostics {
    /// `facts`, `route`, `token` or `enrolment`.
    name: String,
    /// Failures in a row.
    failures: u32,
    /// Milliseconds until it tries again.
    wait_ms: u64,
    /// Whether a request is on its way.
    in_flight: bool,
}

/// Versions of the databases' schemas.
#[uniffi::remote(Record)]
pub struct Schemas {
    /// Of `journal.db`.
    journal: i32,
    /// Of `route.db`.
    route: i32,
}

/// What an exchange brought.
#[uniffi::remote(Record)]
pub struct SyncReport {
    /// Facts sent, repeats included.
    sent: u64,
    /// Facts acknowledged, repeats included.
    acked: u64,
    /// Facts that the server does not have for sure.
    pending: u64,
    /// Photos and signatures of facts that the server does not have for sure: an exchange is enough only when both are zero.
    #[uniffi(default = 0)]
    files: u64,
    /// The last request got no answer.
    offline: bool,
    /// What else went wrong.
    error: Option<SyncProblem>,
}

/// What went wrong with the server.
#[uniffi::remote(Enum)]
pub enum SyncProblem {
    /// The phone is not enrolled.
    NotEnrolled,
    /// Its token is refused.
    Auth,
    /// The courier no longer works here: what happened is still handed in, and nothing new comes.
    Dismissed,
    /// The courier is suspended until the office has looked at something: the same as long as that lasts.
    Suspended,
    /// App and server do not speak the same version of the protocol: one of them has to be updated.
    Outdated,
    /// The server answered with an error; it is tried again.
    Server,
    /// Somebody else answered, such as a portal: sign in there, or wait.
    NotTheServer,
    /// The phone's storage or keys failed.
    Phone,
}

/// How the device key is kept.
#[uniffi::remote(Enum)]
pub enum KeyLevel {
    /// In Android Keystore or Secure Enclave.
    Hardware,
    /// In a file; says so openly.
    Software,
}

/// A courier, as their phone may know them.
#[uniffi::remote(Record)]
pub struct CourierInfo {
    /// Identifier.
    id: CourierId,
    /// Name to greet.
    name: String,
}
