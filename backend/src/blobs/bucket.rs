//! Files in a bucket of a service that speaks S3, which any number of backends share. A part of an unfinished file is an
//! object of its own, named by where it begins and ends: whichever backend is asked next sees how far the file has come.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use courier_protocol::blobs::Part;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::runtime::Runtime;

use super::{BlobName, fault};
use crate::config::FilesConfig;
use crate::error::ServiceError;
use crate::tls;
use crate::waiting::wait;

/// What begins the names of complete files, and those of parts.
const WHOLE: &str = "blobs";
const PARTS: &str = "parts";

/// A bucket.
pub(super) struct Bucket {
    store: Arc<PrefixStore<AmazonS3>>,
    /// Drives its connections. None only while it is dropped.
    runtime: Option<Runtime>,
}

impl Bucket {
    /// It is first spoken to when it is asked for something.
    pub(super) fn new(config: &FilesConfig) -> Result<Self, ServiceError> {
        let secret = match &config.secret_file {
            None => config.secret.clone().unwrap_or_default(),
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| fault(&format!("secret_file {}: {error}", file.display())))?
                .trim_end()
                .to_owned(),
        };
        let timeout = Duration::from_secs(config.timeout_s.into());
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client(config.ca.as_deref()).map_err(|what| fault(&what))?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(timeout)
            .build()
            .map_err(|_| fault(&"no HTTP client"))?;
        // A phone waits for the answer, and comes again by itself.
        let retry = RetryConfig { max_retries: 2, retry_timeout: timeout, backoff: BackoffConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.key_id)
            .with_secret_access_key(secret)
            .with_retry(retry)
            .with_http_connector(OurClient(client));
        if let Some(endpoint) = &config.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_client_options(ClientOptions::new().with_allow_http(endpoint.starts_with("http:")));
        }
        let store = builder.build().map_err(|error| fault(&error))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("courier-files")
            .enable_all()
            .build()
            .map_err(|error| fault(&error))?;
        let store = Arc::new(PrefixStore::new(store, config.prefix.as_str()));
        Ok(Self { store, runtime: Some(runtime) })
    }

    /// Asks the service, and waits for its answer.
    fn ask<T, F>(&self, what: impl FnOnce(Arc<PrefixStore<AmazonS3>>) -> F) -> object_store::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let closed = |source| object_store::Error::Generic { store: "S3", source };
        let runtime = self.runtime.as_ref().ok_or_else(|| closed("it is closed".into()))?;
        wait(runtime.spawn(what(Arc::clone(&self.store)))).map_err(|error| closed(error.into()))?
    }

    /// What has come of an unfinished file: parts from its beginning, without a gap, in their order.
    pub(super) fn parts(&self, name: &BlobName) -> Result<Vec<Part>, ServiceError> {
        let listed = self.listed(name)?;
        let mut found: Vec<_> = listed.iter().filter_map(|path| part_called(path.filename()?)).collect();
        // Of two that begin at one place, the longer one.
        found.sort_unstable_by_key(|part| (part.from, std::cmp::Reverse(part.to)));
        let mut parts: Vec<Part> = Vec::new();
        for part in found {
            if part.from == parts.last().map_or(0, |last| last.to) {
                parts.push(part);
            }
        }
        Ok(parts)
    }

    pub(super) fn put_part(&self, name: &BlobName, part: Part, sealed: Vec<u8>) -> Result<(), ServiceError> {
        self.write(part_path(name, part), sealed)
    }

    pub(super) fn get_part(&self, name: &BlobName, part: Part) -> Result<Vec<u8>, ServiceError> {
        self.read(part_path(name, part))?.ok_or_else(|| fault(&"a part is gone"))
    }

    pub(super) fn drop_parts(&self, name: &BlobName) -> Result<(), ServiceError> {
        self.listed(name)?.into_iter().try_for_each(|path| self.delete(path))
    }

    /// Every part of a file that is here, whether it fits the others or not.
    fn listed(&self, name: &BlobName) -> Result<Vec<Path>, ServiceError> {
        let folder = parts_of(name);
        let listed = self.ask(|store| async move { store.list_with_delimiter(Some(&folder)).await });
        let objects = listed.map_err(|error| fault(&error))?.objects;
        Ok(objects.into_iter().map(|object| object.location).collect())
    }

    pub(super) fn put(&self, name: &BlobName, sealed: Vec<u8>) -> Result<(), ServiceError> {
        self.write(whole(name), sealed)
    }

    /// A file, if it lies here.
    pub(super) fn get(&self, name: &BlobName) -> Result<Option<Vec<u8>>, ServiceError> {
        self.read(whole(name))
    }

    pub(super) fn remove(&self, name: &BlobName) -> Result<(), ServiceError> {
        self.delete(whole(name))
    }

    fn write(&self, path: Path, bytes: Vec<u8>) -> Result<(), ServiceError> {
        self.ask(|store| async move { store.put(&path, bytes.into()).await.map(|_| ()) })
            .map_err(|error| fault(&error))
    }

    fn read(&self, path: Path) -> Result<Option<Vec<u8>>, ServiceError> {
        match self.ask(|store| async move { store.get(&path).await?.bytes().await }) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    fn delete(&self, path: Path) -> Result<(), ServiceError> {
        match self.ask(|store| async move { store.delete(&path).await }) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault(&error)),
        }
    }
}

#[cfg(test)]
impl Bucket {
    pub(super) fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let list = |folder: Path| {
            self.ask(|store| async move { store.list_with_delimiter(Some(&folder)).await }).unwrap()
        };
        let unfinished = list(Path::from(PARTS)).common_prefixes;
        let folders = unfinished.into_iter().chain([Path::from(WHOLE)]);
        folders
            .flat_map(|folder| list(folder).objects)
            .map(|object| {
                let name = object.location.filename().unwrap().to_owned();
                (name, self.read(object.location).unwrap().unwrap())
            })
            .collect()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // It may be dropped where waiting is forbidden.
            runtime.shutdown_background();
        }
    }
}

/// The client that asks, with our own idea of whom to trust.
#[derive(Debug)]
struct OurClient(reqwest::Client);

impl HttpConnector for OurClient {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

fn whole(name: &BlobName) -> Path {
    Path::from_iter([WHOLE, name.as_str()])
}

fn parts_of(name: &BlobName) -> Path {
    Path::from_iter([PARTS, name.as_str()])
}

fn part_path(name: &BlobName, part: Part) -> Path {
    parts_of(name).join(format!("{}-{}-{}", part.from, part.to, part.of))
}

fn part_called(text: &str) -> Option<Part> {
    let mut numbers = text.split('-').map(str::parse::<usize>);
    let (Some(Ok(from)), Some(Ok(to)), Some(Ok(of)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return None;
    };
    (from < to && to <= of).then_some(Part { from, to, of })
}
