//! What a shell holds: one thread that owns the machine, and a small runtime that moves bytes and time.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use courier_domain::{Command, RouteView, StopId, StopView};
use tokio::sync::{Notify, oneshot, watch};

use crate::config::Config;
use crate::driver::Http;
use crate::error::EngineError;
use crate::machine::{Diagnostics, Machine, Receipt, Step, SyncReport};
use crate::ports::{Now, Ports};

type Job = Box<dyn FnOnce(&mut Machine) + Send>;
type Observer = Arc<dyn Fn(u64) + Send + Sync>;

/// A courier's core. Cheap to clone; [`Courier::shutdown`] ends it for all.
#[derive(Clone)]
pub struct Courier {
    shared: Arc<Shared>,
}

struct Shared {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    runtime: Mutex<Option<tokio::runtime::Runtime>>,
    handle: tokio::runtime::Handle,
    wake: Arc<Notify>,
    progress: watch::Sender<u64>,
    observers: Arc<Mutex<BTreeMap<u64, Observer>>>,
    next_observer: AtomicU64,
}

/// Ends an observation when dropped.
pub struct Subscription {
    id: u64,
    observers: Arc<Mutex<BTreeMap<u64, Observer>>>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.observers).remove(&self.id);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Courier {
    /// Opens the core: databases, fold, what a crash left behind. The network is not needed.
    pub fn open(config: Config, ports: Ports) -> Result<Self, EngineError> {
        let http = Arc::new(Http::new(&config)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("courier-net")
            .enable_all()
            .build()
            .map_err(|_| EngineError::internal("runtime"))?;
        let observers = Arc::new(Mutex::new(BTreeMap::new()));
        let (jobs, thread) = spawn_writer(config, ports, Arc::clone(&observers))?;
        let shared = Arc::new(Shared {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
            wake: Arc::new(Notify::new()),
            progress: watch::Sender::new(0),
            observers,
            next_observer: AtomicU64::new(0),
        });
        let courier = Self { shared };
        let driven = courier.clone();
        courier.shared.handle.spawn(async move { driven.drive(http).await });
        Ok(courier)
    }

    /// Does what the courier wishes, or says why not. It returns after the commit and never waits for the network.
    pub fn submit(&self, command: Command) -> Result<Receipt, EngineError> {
        let receipt = self.with_now(move |machine, now| machine.command(&command, now));
        self.shared.wake.notify_one();
        receipt
    }

    /// The day at a glance, once there is a route.
    pub fn route(&self) -> Result<Option<RouteView>, EngineError> {
        self.with_now(|machine, now| Ok(machine.route_view(now)))
    }

    /// One stop with everything that can be done there.
    pub fn stop(&self, stop: StopId) -> Result<StopView, EngineError> {
        self.with_now(move |machine, now| machine.stop_view(&stop, now).ok_or(EngineError::NotFound))
    }

    /// What is on this phone.
    pub fn diagnostics(&self) -> Result<Diagnostics, EngineError> {
        self.with_now(|machine, now| machine.diagnostics(now))
    }

    /// Whether this installation belongs to a courier.
    pub fn is_enrolled(&self) -> Result<bool, EngineError> {
        self.with_now(|machine, _| Ok(machine.is_enrolled()))
    }

    /// Enrols this installation with the code that the office gave: ten letters and digits, spaces and dashes ignored.
    pub async fn enrol(&self, code: String) -> Result<(), EngineError> {
        let mut progress = self.shared.progress.subscribe();
        self.call_async(move |machine| machine.begin_enrolment(&code)).await?;
        self.shared.wake.notify_one();
        loop {
            if let Some(outcome) = self.call_async(|machine| Ok(machine.finished_enrolment())).await? {
                return outcome;
            }
            progress.changed().await.map_err(|_| EngineError::Closed)?;
        }
    }

    /// Exchanges everything with the server, for `budget` at most. Whatever it did not get to stays for the next time.
    pub async fn sync(&self, budget: Duration) -> Result<SyncReport, EngineError> {
        let mut progress = self.shared.progress.subscribe();
        self.call_async(Machine::begin_sync).await?;
        self.shared.wake.notify_one();
        let whole = async {
            loop {
                if let Some(report) = self.call_async(Machine::finished_sync).await? {
                    return Ok(report);
                }
                progress.changed().await.map_err(|_| EngineError::Closed)?;
            }
        };
        match tokio::time::timeout(budget, whole).await {
            Ok(report) => report,
            Err(_) => {
                self.call_async(|machine| {
                    machine.abandon_sync();
                    machine.finished_sync()?.ok_or_else(|| EngineError::internal("sync"))
                })
                .await
            }
        }
    }

    /// Blocks on one of the asynchronous calls, for shells without a runtime of their own.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.shared.handle.block_on(future)
    }

    /// The runtime that the network runs on.
    pub fn handle(&self) -> &tokio::runtime::Handle {
        &self.shared.handle
    }

    /// Calls `observer` with the new revision after every change of what the views show. It is called on the
    /// core's own thread: it must return at once, and pull views from another one.
    pub fn observe(&self, observer: impl Fn(u64) + Send + Sync + 'static) -> Subscription {
        let id = self.shared.next_observer.fetch_add(1, Ordering::Relaxed);
        lock(&self.shared.observers).insert(id, Arc::new(observer));
        Subscription { id, observers: Arc::clone(&self.shared.observers) }
    }

    /// Ends the core: observers are dropped, the databases are closed, threads end. Later calls say `Closed`.
    pub fn shutdown(&self) {
        lock(&self.shared.observers).clear();
        drop(lock(&self.shared.jobs).take());
        if let Some(thread) = lock(&self.shared.thread).take() {
            let _ = thread.join();
        }
        if let Some(runtime) = lock(&self.shared.runtime).take() {
            runtime.shutdown_background();
        }
    }

    async fn drive(self, http: Arc<Http>) {
        loop {
            let step = self.call_async(|machine| {
                let now = machine.now()?;
                machine.next(&now).map(|step| (step, now))
            });
            let pause = match step.await {
                Ok((Step::Send(request), _)) => {
                    self.exchange(Arc::clone(&http), request);
                    continue;
                }
                Ok((Step::Wait { until_boot_ms }, now)) => {
                    until_boot_ms.map(|until| Duration::from_millis(until.saturating_sub(now.boot_ms) + 1))
                }
                Err(EngineError::Closed) => return,
                // Storage that fails now, such as on a locked phone, is asked again later.
                Err(_) => Some(Duration::from_secs(5)),
            };
            // Also when nothing changed: whoever waits for a sync or an enrolment looks again.
            self.shared.progress.send_modify(|count| *count += 1);
            match pause {
                Some(pause) => {
                    tokio::select! {
                        () = self.shared.wake.notified() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
                None => self.shared.wake.notified().await,
            }
        }
    }

    fn exchange(&self, http: Arc<Http>, request: crate::http::HttpRequest) {
        let courier = self.clone();
        self.shared.handle.spawn(async move {
            let id = request.id;
            let answer = http.send(request).await;
            let _ = courier
                .call_async(move |machine| {
                    let now = machine.now()?;
                    machine.received(id, answer, &now)
                })
                .await;
            courier.shared.wake.notify_one();
        });
    }

    fn with_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Machine, &Now) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.post(Box::new(move |machine| {
            let result = machine.now().and_then(|now| work(machine, &now));
            let _ = reply.send(result);
        }))?;
        answer.recv().map_err(|_| EngineError::internal("panic"))?
    }

    async fn call_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Machine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.post(Box::new(move |machine| {
            let _ = reply.send(work(machine));
        }))?;
        answer.await.map_err(|_| EngineError::internal("panic"))?
    }

    fn post(&self, job: Job) -> Result<(), EngineError> {
        let jobs = lock(&self.shared.jobs);
        jobs.as_ref().ok_or(EngineError::Closed)?.send(job).map_err(|_| EngineError::Closed)
    }
}

/// The one thread that owns the machine. A panic in a job becomes an error for its caller: the state is folded again
/// from what is committed, and the thread goes on.
fn spawn_writer(
    config: Config,
    ports: Ports,
    observers: Arc<Mutex<BTreeMap<u64, Observer>>>,
) -> Result<(mpsc::Sender<Job>, JoinHandle<()>), EngineError> {
    let (jobs, inbox) = mpsc::channel::<Job>();
    let (opened, outcome) = mpsc::sync_channel(1);
    let work = move || {
        let mut machine = match Machine::open(config, ports) {
            Ok(machine) => machine,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(()));
        drop(opened);
        let mut shown = machine.revision();
        for job in inbox {
            if catch_unwind(AssertUnwindSafe(|| job(&mut machine))).is_err() && machine.refold().is_err() {
                return;
            }
            if machine.revision() != shown {
                shown = machine.revision();
                let watching: Vec<_> = lock(&observers).values().cloned().collect();
                for observer in watching {
                    let _ = catch_unwind(AssertUnwindSafe(|| observer(shown)));
                }
            }
        }
    };
    let thread = std::thread::Builder::new()
        .name("courier-core".into())
        .spawn(work)
        .map_err(|_| EngineError::internal("thread"))?;
    outcome.recv().map_err(|_| EngineError::internal("panic"))??;
    Ok((jobs, thread))
}
