//! Photos and signatures: taken, kept over a kill, sent in parts, let go.

use courier_codes::encoding::hash_of;
use courier_domain::{
    AttemptId, Command, Dot, FactBody, FactId, FileKind, ProofFile, Reason, Rejection, Signature,
};
use courier_engine::{CommandResult, EngineError, InvalidInput, LogOut};
use courier_protocol::blobs::MAX_PART;

use crate::backend::Fault;
use crate::world::{World, files, hand_over_plain, stop};

/// What a camera leaves: a picture of so many bytes, and a note where it was taken.
fn jpeg(picture: usize, seed: u8) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 20];
    jpeg.extend(b"Exif\0\0AT THE DOOR!");
    jpeg.extend([0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]);
    jpeg.extend((0..picture).map(|n| u8::try_from(n * 7 % 251).unwrap() ^ (seed & 3)));
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

fn drawn(x: u16) -> Signature {
    Signature { width: 300, height: 100, strokes: vec![vec![Dot { x, y: 2 }, Dot { x: 30, y: 4 }]] }
}

impl World {
    /// A started day without anything to be sent.
    fn at_rest() -> Self {
        let mut world = Self::at_the_door();
        world.pump();
        world
    }

    fn take_photo(&mut self, picture: usize, seed: u8) -> ProofFile {
        let path = self.dir.path().join("camera.jpg");
        std::fs::write(&path, jpeg(picture, seed)).unwrap();
        let command = Command::TakePhoto { stop: stop("door-1"), path: path.to_str().unwrap().into() };
        let taken = self.go(command);
        std::fs::remove_file(path).unwrap();
        file(taken)
    }

    fn sign(&mut self, x: u16) -> ProofFile {
        file(self.go(Command::Sign { stop: stop("door-1"), signature: drawn(x) }))
    }

    /// What was not delivered, so that there may be a photo of it.
    fn damaged(&mut self) -> FactId {
        let (attempt, parcels) = (AttemptId::new("a-plain").unwrap(), Vec::new());
        let done = self.go(Command::NotDelivered { attempt, parcels, reason: Reason::Damaged, note: None });
        recorded(done)
    }

    fn prove(&mut self, fact: &FactId, file: &ProofFile) {
        self.go(Command::AddProof { fact: fact.clone(), files: vec![file.clone()] });
    }

    fn shown(&mut self) -> Vec<ProofFile> {
        let now = self.now.clone();
        self.machine().stop_view(&stop("door-1"), &now).unwrap().files
    }

    fn on_disk(&self) -> Vec<(String, Vec<u8>)> {
        let dir = self.data().join("blobs");
        if dir.is_dir() { files(&dir) } else { Vec::new() }
    }

    fn waiting(&mut self) -> u64 {
        let now = self.now.clone();
        self.machine().diagnostics(&now).unwrap().files
    }

    fn server_has(&self, file: &ProofFile) -> bool {
        let held = self.backend.blobs.get(file.sha256.as_str());
        held.is_some_and(|bytes| hash_of(bytes) == file.sha256)
    }
}

fn file(result: CommandResult) -> ProofFile {
    let CommandResult::FileTaken { file } = result else { panic!("{result:?} is no file") };
    file
}

fn recorded(result: CommandResult) -> FactId {
    let CommandResult::Done { fact: Some(fact) } = result else { panic!("{result:?} is no fact") };
    fact
}

#[test]
fn a_photo_survives_the_camera_that_ends_the_app_and_comes_to_the_server_without_what_the_camera_wrote() {
    let mut world = World::at_rest();
    let photo = world.take_photo(1_000, 1);
    world.open();
    assert_eq!(world.shown(), std::slice::from_ref(&photo));
    world.pump();
    assert!(world.backend.blobs.is_empty(), "no fact names it yet");
    let fact = world.damaged();
    world.prove(&fact, &photo);
    assert_eq!((world.shown(), world.waiting()), (Vec::new(), 1));
    world.open();
    world.pump();
    let stored = &world.backend.blobs[photo.sha256.as_str()];
    let camera = jpeg(1_000, 1);
    assert_eq!(*stored, [&camera[..2], &camera[24..]].concat());
    assert_eq!((world.on_disk().len(), world.waiting()), (0, 0), "it is not needed here any more");
}

#[test]
fn nothing_of_a_file_can_be_read_on_the_phone() {
    let mut world = World::at_rest();
    let (photo, signature) = (world.take_photo(5_000, 1), world.sign(1));
    let (names, sealed): (Vec<_>, Vec<_>) = world.on_disk().into_iter().unzip();
    assert_eq!(names.len(), 2);
    for file in [&photo, &signature] {
        assert!(names.iter().any(|name| name.ends_with(file.sha256.as_str())));
    }
    let picture = &jpeg(5_000, 1)[60..100];
    for bytes in sealed {
        assert!(!bytes.windows(4).any(|window| window == b"<svg"));
        assert!(!bytes.windows(40).any(|window| window == picture));
    }
}

#[test]
fn a_cut_upload_goes_on_where_it_was() {
    let mut world = World::at_rest();
    let (photo, fact) = (world.take_photo(3 * MAX_PART, 1), world.damaged());
    let size = jpeg(3 * MAX_PART, 1).len() - 22;
    world.prove(&fact, &photo);
    world.backend.blob_faults.extend([Fault::OtherType, Fault::OtherType, Fault::LoseAnswer]);
    world.pump();
    assert_eq!(world.backend.blobs[photo.sha256.as_str()].len(), 2 * MAX_PART);
    assert!(!world.on_disk().is_empty());
    world.open();
    world.tick(400_000);
    let paths = world.pump();
    assert!(world.server_has(&photo));
    assert_eq!(world.backend.blob_bytes, size, "no byte went twice");
    let asked = paths.iter().filter(|path| path.starts_with("/v1/blobs/")).count();
    assert_eq!(asked, 3, "one question and two parts: {paths:?}");
    assert!(world.on_disk().is_empty());
}

#[test]
fn who_is_not_the_server_is_not_believed_and_holds_up_nothing_else() {
    for fault in [
        Fault::Portal,
        Fault::Nothing,
        Fault::OtherRequest,
        Fault::Unauthorized,
        Fault::Offline,
        Fault::Status(201, None),
        Fault::Status(202, None),
        Fault::Status(413, None),
        Fault::Status(500, Some(60)),
        Fault::Redirect(302, "http://portal".into()),
    ] {
        let mut world = World::at_rest();
        let (photo, fact) = (world.take_photo(1_000, 1), world.damaged());
        world.prove(&fact, &photo);
        world.backend.blob_faults.extend([fault.clone(), fault.clone()]);
        world.pump();
        world.tick(2_000);
        world.pump();
        assert!(!world.server_has(&photo) || world.backend.blob_faults.is_empty(), "{fault:?}");
        assert_eq!(world.pending(), 0, "{fault:?} held up the facts");
        world.pump_patiently(3);
        assert!(world.server_has(&photo) && world.on_disk().is_empty(), "{fault:?} was the end of it");
    }
}

#[test]
fn a_file_that_the_server_does_not_take_lets_the_others_pass() {
    let mut world = World::at_rest();
    let (one, two) = (world.take_photo(900, 1), world.take_photo(901, 2));
    let fact = world.damaged();
    world.prove(&fact, &one);
    world.prove(&fact, &two);
    world.backend.blob_faults.extend([Fault::Status(413, None)]);
    world.pump_patiently(2);
    assert!(world.server_has(&one) && world.server_has(&two));
}

#[test]
fn bytes_that_went_wrong_on_the_way_are_sent_again_from_the_start() {
    let mut world = World::at_rest();
    let (photo, fact) = (world.take_photo(2 * MAX_PART, 1), world.damaged());
    world.prove(&fact, &photo);
    world.backend.blobs.insert(photo.sha256.as_str().into(), vec![0; 5]);
    world.pump_patiently(3);
    assert!(world.server_has(&photo) && world.on_disk().is_empty());
}

#[test]
fn a_server_that_gets_no_further_is_not_asked_without_a_pause() {
    let mut world = World::at_rest();
    let (photo, fact) = (world.take_photo(1_000, 1), world.damaged());
    world.prove(&fact, &photo);
    // It says that it has nothing to whatever it is sent.
    world.backend.blobs.insert(photo.sha256.as_str().into(), vec![0; 2_000_000]);
    let asked = world.pump().iter().filter(|path| path.starts_with("/v1/blobs/")).count();
    assert!(asked < 5, "{asked} requests");
    assert!(!world.on_disk().is_empty());
}

#[test]
fn a_file_stays_until_its_fact_is_on_the_server_too() {
    let mut world = World::at_rest();
    let signature = world.sign(1);
    let mut hand_over = hand_over_plain();
    if let Command::HandOver { details, .. } = &mut hand_over {
        details.files = vec![signature.clone()];
    }
    world.go(hand_over);
    world.backend.facts_faults.push_back(Fault::Status(500, Some(300)));
    world.pump();
    assert!(world.server_has(&signature));
    assert_eq!((world.on_disk().len(), world.pending()), (1, 1));
    world.pump_patiently(1);
    assert_eq!((world.on_disk().len(), world.pending()), (0, 0));
}

#[test]
fn a_photo_that_has_not_arrived_keeps_its_courier_on_this_phone() {
    let mut world = World::at_rest();
    let (photo, fact) = (world.take_photo(1_000, 1), world.damaged());
    world.prove(&fact, &photo);
    world.backend.blob_faults.push_back(Fault::Status(500, Some(300)));
    world.pump();
    let now = world.now.clone();
    let blocked = world.machine().log_out(None, &now).unwrap();
    assert_eq!(blocked, LogOut::Unsent { facts: 0, files: 1 });
    world.pump_patiently(1);
    let now = world.now.clone();
    assert_eq!(world.machine().log_out(None, &now).unwrap(), LogOut::Done { exported: 0 });
    assert!(world.on_disk().is_empty() && world.server_has(&photo));
}

#[test]
fn what_is_dropped_or_never_shown_is_gone() {
    let mut world = World::at_rest();
    let (kept, dropped) = (world.sign(1), world.sign(2));
    world.go(Command::DropFile { stop: stop("door-1"), sha256: dropped.sha256.clone() });
    assert_eq!(world.on_disk().len(), 1);
    // A kill between the file and the screen.
    std::fs::write(world.data().join("blobs").join("A".repeat(43)), b"sealed").unwrap();
    std::fs::write(world.data().join("blobs/half.tmp"), b"sea").unwrap();
    world.open();
    assert_eq!(world.shown(), [kept]);
    assert_eq!(world.on_disk().len(), 1);
    let again = Command::DropFile { stop: stop("door-1"), sha256: dropped.sha256 };
    assert_eq!(world.go(again), CommandResult::Done { fact: None });
}

#[test]
fn a_file_that_was_damaged_is_told_and_holds_up_nothing() {
    let mut world = World::at_rest();
    let (good, bad) = (world.take_photo(900, 1), world.take_photo(901, 2));
    let fact = world.damaged();
    world.prove(&fact, &good);
    world.prove(&fact, &bad);
    let path = world.data().join("blobs").join(bad.sha256.as_str());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    world.pump_patiently(1);
    assert!(world.server_has(&good) && !world.server_has(&bad));
    assert_eq!((world.on_disk().len(), world.pending()), (0, 0));
    let told =
        world.backend.chain().iter().any(
            |held| matches!(&held.payload.body, FactBody::Incident { kind, .. } if kind == "file-damaged"),
        );
    assert!(told, "the office knows nothing of it");
}

#[test]
fn what_is_no_photo_is_refused_and_nothing_is_kept_of_it() {
    let mut world = World::at_rest();
    let path = world.dir.path().join("camera.jpg");
    let take = |world: &mut World| {
        world.submit(Command::TakePhoto { stop: stop("door-1"), path: path.to_str().unwrap().into() })
    };
    let invalid = |what| Err(EngineError::Invalid(what));
    assert_eq!(take(&mut world), invalid(InvalidInput::PhotoUnreadable));
    for (bytes, why) in [
        (b"not a photo".to_vec(), InvalidInput::NotAPhoto),
        (jpeg(1_000, 1)[..900].to_vec(), InvalidInput::NotAPhoto),
        (jpeg(2 << 20, 1), InvalidInput::PhotoTooLarge),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(take(&mut world), invalid(why));
    }
    assert!(world.on_disk().is_empty() && world.shown().is_empty());
    let forged = ProofFile { kind: FileKind::Photo, sha256: hash_of(b"never taken") };
    let fact = world.damaged();
    let prove = Command::AddProof { fact, files: vec![forged] };
    assert_eq!(world.rejection(prove), Rejection::FileNotTaken);
}
