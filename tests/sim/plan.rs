//! Which day is lived. Every step draws from randomness of its own, so that a day can be lived again without some of its
//! steps: what is left of a failing day is its shortest story.

use std::collections::BTreeSet;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Steps of a whole day.
pub(crate) const STEPS: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) steps: BTreeSet<usize>,
}

impl Plan {
    pub(crate) fn whole(seed: u64) -> Self {
        Self { seed, steps: (0..STEPS).collect() }
    }

    /// The day of `COURIER_SIM_SEED`, and of its steps those of `COURIER_SIM_STEPS`, if it names any.
    pub(crate) fn named(seed: u64, steps: Option<&str>) -> Self {
        match steps {
            None => Self::whole(seed),
            Some(steps) => {
                let numbers = steps.split(',').filter(|text| !text.is_empty());
                Self { seed, steps: numbers.map(|text| text.parse().expect("a number")).collect() }
            }
        }
    }

    /// What this step draws from; `None` = what comes before all of them.
    pub(crate) fn rng(&self, step: Option<usize>) -> ChaCha20Rng {
        let mut rng = ChaCha20Rng::seed_from_u64(self.seed);
        rng.set_stream(step.map_or(0, |step| step as u64 + 1));
        rng
    }

    /// How to live it again.
    pub(crate) fn command(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(ToString::to_string).collect();
        let steps = if self.steps.len() == STEPS {
            String::new()
        } else {
            format!("COURIER_SIM_STEPS={} ", if steps.is_empty() { ",".into() } else { steps.join(",") })
        };
        format!(
            "COURIER_SIM_SEED={} {steps}cargo test -p courier-tests --features planted-bugs --test sim -- --nocapture one_day",
            self.seed
        )
    }
}

/// Days that are lived to shorten one, at most.
const MOST: usize = 80;

/// The same failure with as few steps as can be found by leaving out ever smaller parts (Zeller's ddmin, one pass per size).
/// `fails` tells whether a day fails in the same way.
pub(crate) fn shrink(mut plan: Plan, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let mut lived = 0;
    let mut size = plan.steps.len() / 2;
    while size > 0 && lived < MOST {
        let steps: Vec<_> = plan.steps.iter().copied().collect();
        for part in steps.chunks(size) {
            let mut less = plan.clone();
            less.steps.retain(|step| !part.contains(step));
            lived += 1;
            if fails(&less) {
                plan = less;
            }
            if lived >= MOST {
                break;
            }
        }
        size /= 2;
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_of_a_day_is_found() {
        let found = shrink(Plan::whole(1), |plan| plan.steps.contains(&17) && plan.steps.contains(&90));
        assert_eq!(found.steps, BTreeSet::from([17, 90]));
        assert!(found.command().contains("COURIER_SIM_STEPS=17,90 "), "{}", found.command());
    }
}
