//! `route.db`: what the office sent, sealed row by row. Anything wrong with it is mended by fetching it again.

use std::path::Path;

use courier_codes::{RowAad, RowKey};
use courier_protocol::{OpKind, RouteOp, SortedDigest};
use rand_core::CryptoRng;
use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};
use zeroize::Zeroizing;

use super::connection::{self, Schema};
use super::{Amount, StoreError, number, stored};

pub(super) const FILE: &str = "route.db";
pub(super) const VERSION: i32 = 3;
pub(super) const APPLICATION: i32 = 0x6372_7274;

const TABLE: &str = "object";
const SCHEMA: Schema = Schema {
    application_id: APPLICATION,
    migrations: &[
        include_str!("route_cache.sql"),
        include_str!("route_cache-2.sql"),
        include_str!("route_cache-3.sql"),
    ],
};

/// The cache, with its one connection.
#[derive(Debug)]
pub(crate) struct RouteCache(Connection);

/// How far the phone has followed the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) generation: u64,
    pub(crate) cursor: String,
}

/// An object as it was last put, and whether it is there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredObject {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) rev: u64,
    pub(crate) put: Option<RouteOp>,
    pub(crate) gone: Option<String>,
}

/// A complete checkpoint to be applied.
pub(crate) struct Apply<'a> {
    pub(crate) ops: &'a [RouteOp],
    pub(crate) cursor: &'a str,
    pub(crate) digest: &'a str,
    /// The server's.
    pub(crate) epoch: &'a str,
    /// With what the rows are sealed.
    pub(crate) key: &'a RowKey,
    /// Everything before is dropped, and this is the generation of the new key.
    pub(crate) snapshot: Option<u64>,
}

impl RouteCache {
    /// Opens the file. One that is damaged, or of another version of the app, is replaced; one that can't be read
    /// now is not: on a locked iPhone that only means to wait, and in a cellar nothing could be fetched instead.
    pub(super) fn open_or_replace(path: &Path) -> Result<Self, StoreError> {
        match connection::open(path, &SCHEMA, None) {
            Ok(connection) => Ok(Self(connection)),
            Err(StoreError::Corrupt | StoreError::Newer) => Self::replace(path),
            Err(_) if path.is_dir() => Self::replace(path),
            Err(error) => Err(error),
        }
    }

    /// Deletes the file and starts an empty one; in memory if the disk does not let it go.
    pub(super) fn replace(path: &Path) -> Result<Self, StoreError> {
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            let _ = std::fs::remove_file(file);
        }
        connection::open(path, &SCHEMA, None).or_else(|_| connection::open_in_memory(&SCHEMA)).map(Self)
    }

    pub(super) fn close(self) -> Result<(), StoreError> {
        connection::close(self.0)
    }

    /// Lets go of the file.
    pub(super) fn let_go(&mut self) -> Result<(), StoreError> {
        self.0 = Connection::open_in_memory()?;
        Ok(())
    }

    /// Where the phone stands; `None` before the first snapshot.
    pub(crate) fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let read = self
            .0
            .prepare_cached("SELECT generation, cursor FROM checkpoint")?
            .query_row([], |row| Ok(Checkpoint { generation: number(row.get(0)?), cursor: row.get(1)? }));
        Ok(read.optional()?)
    }

    /// Whether it was told under this epoch of the server, as far as anybody knows.
    pub(crate) fn is_of_epoch(&self, epoch: &str) -> Result<bool, StoreError> {
        let sql = "SELECT epoch FROM checkpoint";
        let told: Option<String> = self.0.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
        Ok(told.is_none_or(|told| told.is_empty() || told == epoch))
    }

    /// Everything that the phone knows of, in the order in which it came.
    pub(crate) fn objects(&self, key: &RowKey) -> Result<Vec<StoredObject>, StoreError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT kind, id, rev, gone, sealed, sealed_rev FROM object ORDER BY applied")?;
        let mut rows = statement.query([])?;
        let mut objects = Vec::new();
        while let Some(row) = rows.next()? {
            objects.push(read_object(row, key)?);
        }
        Ok(objects)
    }

    /// One object, if it was ever put.
    pub(crate) fn object(
        &self,
        key: &RowKey,
        kind: &str,
        id: &str,
    ) -> Result<Option<StoredObject>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT kind, id, rev, gone, sealed, sealed_rev FROM object WHERE kind = ?1 AND id = ?2",
        )?;
        let mut rows = statement.query([kind, id])?;
        rows.next()?.map(|row| read_object(row, key)).transpose()
    }

    /// Applies a complete checkpoint in one transaction, and says how many objects are there after it. With a wrong digest
    /// nothing changes.
    pub(crate) fn apply(&mut self, apply: &Apply<'_>, rng: &mut impl CryptoRng) -> Result<usize, StoreError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut generation, mut applied): (i64, i64) = transaction
            .query_row("SELECT generation, applied FROM checkpoint", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or_default();
        if let Some(new) = apply.snapshot {
            transaction.execute("DELETE FROM object", [])?;
            generation = stored(new);
        }
        let mut writer = Writer::new(&transaction)?;
        for op in apply.ops {
            applied += 1;
            writer.write(op, applied, apply.key, rng)?;
        }
        drop(writer);
        let (live, digest) = live(&transaction)?;
        if digest != apply.digest {
            return Err(StoreError::Digest);
        }
        transaction.execute(
            "INSERT INTO checkpoint (one, generation, cursor, applied, epoch) VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT (one) DO UPDATE SET generation = ?1, cursor = ?2, applied = ?3, epoch = ?4",
            params![generation, apply.cursor, applied, apply.epoch],
        )?;
        transaction.commit()?;
        Ok(live)
    }

    /// How much there is of what the office sent.
    pub(crate) fn amount(&self) -> Result<Amount, StoreError> {
        connection::amount(&self.0, TABLE, "octet_length(sealed)")
    }

    /// What the phone has kept under a name for its own plan, sealed.
    pub(crate) fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM kept WHERE name = ?1";
        Ok(self.0.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Keeps it, in place of what was kept before.
    pub(crate) fn keep(&self, name: &str, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO kept VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET sealed = ?2";
        self.0.prepare_cached(sql)?.execute(params![name, sealed])?;
        Ok(())
    }

    /// So that no dropped row stays on the disk.
    pub(crate) fn truncate_log(&self) -> Result<(), StoreError> {
        connection::truncate_log(&self.0)
    }
}

/// Writes ops, with statements that are looked up once for all of them.
struct Writer<'a> {
    put: CachedStatement<'a>,
    gone: CachedStatement<'a>,
}

impl<'a> Writer<'a> {
    fn new(transaction: &'a rusqlite::Transaction<'_>) -> Result<Self, StoreError> {
        let put = transaction.prepare_cached(
            "INSERT INTO object VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?3)
             ON CONFLICT (kind, id) DO UPDATE
             SET rev = ?3, applied = ?4, gone = NULL, sealed = ?5, sealed_rev = ?3",
        )?;
        let gone = transaction.prepare_cached(
            "INSERT INTO object VALUES (?1, ?2, ?3, ?4, ?5, NULL, 0)
             ON CONFLICT (kind, id) DO UPDATE SET rev = ?3, applied = ?4, gone = ?5",
        )?;
        Ok(Self { put, gone })
    }

    fn write(
        &mut self,
        op: &RouteOp,
        applied: i64,
        key: &RowKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), StoreError> {
        let rev = stored(op.rev);
        if op.op == OpKind::Gone {
            let why = op.why.as_deref().unwrap_or_default();
            self.gone.execute(params![op.kind, op.id, rev, applied, why])?;
            return Ok(());
        }
        let plain = plain(op)?;
        let aad_id = aad_id(&op.kind, &op.id);
        let aad = RowAad { table: TABLE, id: &aad_id, rev: op.rev };
        let sealed = key.seal(rng, &aad, &plain).map_err(|_| StoreError::Sealed)?;
        self.put.execute(params![op.kind, op.id, rev, applied, sealed])?;
        Ok(())
    }
}

/// What is sealed of an op. The buffer does not grow, since what it leaves behind then would not be zeroed.
fn plain(op: &RouteOp) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    const AROUND: usize = 128;
    let data = op.data.as_ref().map_or(0, |data| data.as_str().len());
    let mut plain = Zeroizing::new(Vec::with_capacity(AROUND + op.kind.len() + op.id.len() + data));
    serde_json::to_writer(&mut *plain, op).map_err(|_| StoreError::Other)?;
    Ok(plain)
}

/// Ids are unique within their kind only. No kind contains the separator, see the wire's check of ops.
fn aad_id(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

fn read_object(row: &rusqlite::Row<'_>, key: &RowKey) -> Result<StoredObject, StoreError> {
    let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
    let sealed: Option<Vec<u8>> = row.get(4)?;
    let put = sealed
        .map(|sealed| {
            let aad_id = aad_id(&kind, &id);
            let aad = RowAad { table: TABLE, id: &aad_id, rev: number(row.get(5)?) };
            let plain = key.open(&aad, &sealed).map_err(|_| StoreError::Sealed)?;
            serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt)
        })
        .transpose()?;
    Ok(StoredObject { kind, id, rev: number(row.get(2)?), put, gone: row.get(3)? })
}

/// How many objects are there and not gone, and their digest.
fn live(transaction: &rusqlite::Transaction<'_>) -> Result<(usize, String), StoreError> {
    let sql = "SELECT kind, id, rev FROM object WHERE gone IS NULL ORDER BY kind, id";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let (mut count, mut digest) = (0, SortedDigest::default());
    while let Some(row) = rows.next()? {
        let word = |n| row.get_ref(n).and_then(|value| Ok(value.as_str()?));
        digest.add(word(0)?, word(1)?, number(row.get(2)?));
        count += 1;
    }
    Ok((count, digest.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use courier_protocol::digest;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn put(id: &str, rev: u64) -> RouteOp {
        RouteOp {
            op: OpKind::Put,
            kind: "weather".into(),
            id: id.into(),
            rev,
            why: None,
            data: Some(courier_protocol::Data::of(&serde_json::json!({"name": "Rosenbaum"})).unwrap()),
        }
    }

    struct World {
        dir: tempfile::TempDir,
        rng: ChaCha20Rng,
        key: RowKey,
    }

    impl World {
        fn new() -> Self {
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            let key = RowKey::generate(&mut rng);
            Self { dir: tempfile::tempdir().unwrap(), rng, key }
        }

        fn open(&self) -> RouteCache {
            RouteCache::open_or_replace(&self.dir.path().join(FILE)).unwrap()
        }

        fn apply(
            &mut self,
            cache: &mut RouteCache,
            ops: &[RouteOp],
            digest: &str,
        ) -> Result<usize, StoreError> {
            let apply = Apply { ops, cursor: "c", digest, epoch: "e", key: &self.key, snapshot: None };
            cache.apply(&apply, &mut self.rng)
        }
    }

    #[test]
    fn a_wrong_digest_changes_nothing() {
        let mut world = World::new();
        let mut cache = world.open();
        let ops = [put("a", 1)];
        assert_eq!(world.apply(&mut cache, &ops, "wrong"), Err(StoreError::Digest));
        assert_eq!(cache.checkpoint().unwrap(), None);
        assert!(cache.objects(&world.key).unwrap().is_empty());
        world.apply(&mut cache, &ops, &digest([("weather", "a", 1)])).unwrap();
        assert_eq!(cache.objects(&world.key).unwrap().len(), 1);
    }

    #[test]
    fn a_checkpoint_says_how_much_is_there_and_under_which_epoch_it_was_told() {
        let mut world = World::new();
        let mut cache = world.open();
        assert!(cache.is_of_epoch("any").unwrap(), "nothing was told");
        let ops = [put("a", 1), put("b", 2), put("c", 3)];
        let sum = digest([("weather", "a", 1), ("weather", "b", 2), ("weather", "c", 3)]);
        assert_eq!(world.apply(&mut cache, &ops, &sum), Ok(3));
        assert!(cache.is_of_epoch("e").unwrap() && !cache.is_of_epoch("f").unwrap());
        let rewritten = digest([("weather", "a", 4), ("weather", "b", 2), ("weather", "c", 3)]);
        assert_eq!(world.apply(&mut cache, &[put("a", 4)], &rewritten), Ok(3));
        let ids: Vec<_> = cache.objects(&world.key).unwrap().into_iter().map(|object| object.id).collect();
        assert_eq!(ids, ["b", "c", "a"], "in the order in which they came");
    }

    #[test]
    fn what_was_dropped_is_in_no_file_once_the_log_is_emptied() {
        let mut world = World::new();
        let mut cache = world.open();
        world.apply(&mut cache, &[put("a", 1)], &digest([("weather", "a", 1)])).unwrap();
        let wal = world.dir.path().join(format!("{FILE}-wal"));
        assert!(std::fs::metadata(&wal).unwrap().len() > 0);
        cache.truncate_log().unwrap();
        assert_eq!(std::fs::metadata(&wal).unwrap().len(), 0);
        cache.let_go().unwrap();
        assert_eq!(cache.checkpoint(), Err(StoreError::Other), "it still holds the file");
        assert!(!wal.exists());
    }

    #[test]
    fn a_file_that_cannot_be_read_now_is_left_as_it_is() {
        let world = World::new();
        let path = world.dir.path().join("no folder").join(FILE);
        assert_eq!(RouteCache::open_or_replace(&path).err(), Some(StoreError::Io));
    }

    #[test]
    fn what_is_gone_keeps_its_last_form_and_leaves_the_digest() {
        let mut world = World::new();
        let mut cache = world.open();
        world.apply(&mut cache, &[put("a", 1)], &digest([("weather", "a", 1)])).unwrap();
        let gone = RouteOp { op: OpKind::Gone, why: Some("moved".into()), data: None, ..put("a", 2) };
        world.apply(&mut cache, &[gone], &digest([])).unwrap();
        let object = cache.object(&world.key, "weather", "a").unwrap().unwrap();
        assert_eq!((object.rev, object.gone.as_deref()), (2, Some("moved")));
        assert_eq!(object.put, Some(put("a", 1)));
    }

    #[test]
    fn rows_that_changed_places_do_not_open() {
        let mut world = World::new();
        let mut cache = world.open();
        let ops = [put("a", 1), put("b", 1)];
        world.apply(&mut cache, &ops, &digest([("weather", "a", 1), ("weather", "b", 1)])).unwrap();
        cache.0.execute("UPDATE object SET sealed = (SELECT sealed FROM object WHERE id = 'b')", []).unwrap();
        assert_eq!(cache.objects(&world.key), Err(StoreError::Sealed));
    }

    #[test]
    fn nothing_readable_is_in_the_file() {
        let mut world = World::new();
        let mut cache = world.open();
        world.apply(&mut cache, &[put("a", 1)], &digest([("weather", "a", 1)])).unwrap();
        cache.truncate_log().unwrap();
        let bytes = std::fs::read(world.dir.path().join(FILE)).unwrap();
        assert!(!bytes.windows(9).any(|part| part == b"Rosenbaum"), "a name is readable in the file");
    }

    #[test]
    fn a_broken_file_is_replaced() {
        let world = World::new();
        std::fs::write(world.dir.path().join(FILE), b"not a database at all, but long enough").unwrap();
        assert_eq!(world.open().checkpoint().unwrap(), None);
    }

    #[test]
    fn a_file_that_cannot_be_deleted_does_not_stop_the_app() {
        let world = World::new();
        std::fs::create_dir(world.dir.path().join(FILE)).unwrap();
        assert_eq!(world.open().checkpoint().unwrap(), None);
    }
}
