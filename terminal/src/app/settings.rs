//! What the shell itself remembers: which server this phone belongs to, and that nobody else uses its folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::phone::Server;

/// The folder of this phone, taken for this app.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes `path`, which is made, or the usual folder.
    pub(super) fn take(path: Option<PathBuf>) -> Result<Self, String> {
        let path = path.or_else(usual).ok_or("no home folder: say where with --data")?;
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        fs::create_dir_all(&path).map_err(named)?;
        let lock = File::create(path.join("lock")).map_err(named)?;
        lock.try_lock().map_err(|_| format!("{}: another app uses this folder", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self) -> PathBuf {
        self.path.join("server.json")
    }

    /// The server that this phone was enrolled with.
    pub(super) fn server(&self) -> Result<Option<Server>, String> {
        match fs::read(self.file()) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| format!("{}: {error}; say the server with --server", self.file().display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.file().display())),
        }
    }

    /// Remembers it. Written beside and renamed: there is the old one or the new one, never half of one.
    pub(super) fn remember(&self, server: &Server) -> Result<(), String> {
        let beside = self.path.join("server.tmp");
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(&serde_json::to_vec(server)?)?;
            file.sync_all()?;
            fs::rename(&beside, self.file())
        };
        write().map_err(|error: std::io::Error| format!("{}: {error}", self.file().display()))
    }
}

/// Reads an operator's certificates.
pub(super) fn read_ca(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where programs of a user keep their data (XDG Base Directory Specification).
fn usual() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))?;
    Some(data.join("courier-terminal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_remembered_and_a_damaged_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::take(Some(dir.path().to_owned())).unwrap();
        assert_eq!(folder.server(), Ok(None));
        let server = Server { url: "https://courier.example".into(), ca_pem: Some("PEM".into()) };
        folder.remember(&server).unwrap();
        assert_eq!(folder.server(), Ok(Some(server)));
        fs::write(folder.file(), "{").unwrap();
        let problem = folder.server().unwrap_err();
        assert!(problem.contains("server.json") && problem.contains("--server"), "{problem}");
    }

    #[test]
    fn two_apps_do_not_share_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::take(Some(dir.path().to_owned())).unwrap();
        let second = Folder::take(Some(dir.path().to_owned()));
        assert!(second.is_err_and(|problem| problem.contains("another app")));
        drop(first);
        assert!(Folder::take(Some(dir.path().to_owned())).is_ok());
    }
}
