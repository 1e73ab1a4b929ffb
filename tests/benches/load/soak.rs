//! A soak: phones hand in and ask for news for as long as it takes, and the backend is killed again and again. Whatever was
//! acknowledged is there, once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use courier_codes::fact_hash;
use courier_protocol::FactItem;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::backend::{Backends, Client, KEY};
use crate::phone::Phone;

/// Phones that hand in, and how many facts a second each.
const PHONES: usize = 8;
const FACTS: usize = 20;
/// Between two polls: 500 phones ask every 30 seconds.
const POLL_EVERY: Duration = Duration::from_millis(60);
/// Between two kills.
const KILL_AFTER_MS: std::ops::Range<u64> = 4_000..20_000;
/// Before what got no answer is sent again.
const PATIENCE: Duration = Duration::from_millis(100);

/// What happens meanwhile, for all to see.
#[derive(Default)]
struct Scene {
    is_over: AtomicBool,
    sent_again: AtomicU64,
    polls: AtomicU64,
}

/// Several backends only where they share a server.
pub(crate) async fn soak(minutes: u64, server: Option<&str>) {
    let mut backends = Backends::start(if server.is_some() { 2 } else { 1 }, server);
    let (client, scene) = (Client::new(), Arc::new(Scene::default()));
    let before = stored(&backends, &client).await;
    let (mut working, mut asking) = (JoinSet::new(), JoinSet::new());
    for n in 0..PHONES {
        let phone = Phone::enrol(backends.url(n), &client, n).await;
        working.spawn(hand_in(phone, client.clone(), Arc::clone(&scene)));
    }
    let phone = Phone::enrol(backends.url(0), &client, PHONES).await;
    asking.spawn(poll(phone, client.clone(), Arc::clone(&scene)));

    let mut rng = ChaCha20Rng::seed_from_u64(minutes);
    let (began, mut kills, mut most) = (Instant::now(), 0, 0);
    while began.elapsed() < Duration::from_secs(minutes * 60) {
        let wait = KILL_AFTER_MS.start + rng.next_u64() % (KILL_AFTER_MS.end - KILL_AFTER_MS.start);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        most = most.max(tokio::task::block_in_place(|| backends.kill(kills)));
        kills += 1;
    }
    scene.is_over.store(true, Ordering::Relaxed);
    let acknowledged: BTreeSet<String> = working.join_all().await.into_iter().flatten().collect();
    asking.join_all().await;

    let facts = stored(&backends, &client).await - before;
    println!(
        "{minutes} min, {kills} kills of {} on {}: {} facts acknowledged, {facts} stored, {} batches sent again, {} polls, {most} MiB",
        backends.len(),
        if server.is_some() { "PostgreSQL" } else { "SQLite" },
        acknowledged.len(),
        scene.sent_again.load(Ordering::Relaxed),
        scene.polls.load(Ordering::Relaxed),
    );
    assert_eq!(facts, acknowledged.len() as u64, "facts were lost, or are there twice");
}

/// How many facts there are, by the office's own count.
async fn stored(backends: &Backends, client: &Client) -> u64 {
    let totals = client.get(backends.url(0), "/v1/totals", &format!("Bearer {KEY}"), "").await;
    let totals: Value = serde_json::from_str(&totals).unwrap();
    totals["facts"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

/// Hands in facts until it is over, each batch until it is acknowledged; in the end all of them once more, and each has to be
/// known. Their hashes.
async fn hand_in(phone: Phone, client: Client, scene: Arc<Scene>) -> BTreeSet<String> {
    let mut sent: Vec<FactItem> = Vec::new();
    let mut acknowledged = BTreeSet::new();
    let mut chain = phone.chain();
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    while !scene.is_over.load(Ordering::Relaxed) {
        beat.tick().await;
        let facts: Vec<_> = chain.by_ref().take(FACTS).collect();
        let results = insist(&phone, &client, facts.clone(), &scene).await;
        assert_eq!(results.len(), facts.len());
        for result in &results {
            assert!(result["status"] == "stored" && result["flags"] == serde_json::json!([]), "{result}");
            acknowledged.insert(result["hash"].as_str().unwrap().to_owned());
        }
        sent.extend(facts);
    }
    for facts in sent.chunks(100) {
        for result in insist(&phone, &client, facts.to_vec(), &scene).await {
            assert_eq!(result["dup"], true, "a fact was acknowledged and is not there: {result}");
        }
    }
    let made: BTreeSet<_> = sent.iter().map(|fact| fact_hash(&fact.jws).as_str().to_owned()).collect();
    assert_eq!(made, acknowledged, "others were acknowledged than were sent");
    acknowledged
}

/// Sends a batch until somebody answers.
async fn insist(phone: &Phone, client: &Client, facts: Vec<FactItem>, scene: &Scene) -> Vec<Value> {
    let batch = serde_json::to_value(phone.batch(facts)).unwrap();
    loop {
        if let Ok(answer) = client.try_post(&phone.url, "/v1/facts", &phone.token, &batch).await {
            return answer["results"].as_array().unwrap().clone();
        }
        scene.sent_again.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PATIENCE).await;
    }
}

async fn poll(phone: Phone, client: Client, scene: Arc<Scene>) {
    let mut beat = tokio::time::interval(POLL_EVERY);
    while !scene.is_over.load(Ordering::Relaxed) {
        beat.tick().await;
        let answered =
            client.try_get(&phone.url, "/v1/route/changes", &format!("Bearer {}", phone.token), "").await;
        scene.polls.fetch_add(u64::from(answered.is_ok()), Ordering::Relaxed);
    }
}
