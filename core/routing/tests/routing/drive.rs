//! Drives made up: a van between stops, traffic lights, the walk to the door; and what a phone would say of it.

use courier_routing::arrival::Fix;
use courier_routing::geo::Point;
use courier_routing::random::Random;

/// Metres east and north of a place in Berlin.
pub(crate) fn at(east: f64, north: f64) -> Point {
    Point::from_degrees(52.5 + north / 111_195.0, 13.4 + east / 67_692.0).unwrap()
}

/// What goes wrong on a drive.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// Of 100 legs, how many have a tunnel without a fix.
    pub(crate) tunnels: usize,
    /// Of 100 stops, at how many walls reflect the signal.
    pub(crate) reflections: usize,
    /// Of 100 junctions, how many are red.
    pub(crate) red_lights: usize,
    /// Whether the phone tells no speed.
    pub(crate) no_speed: bool,
}

/// A fix, and where the courier really was.
pub(crate) struct Sample {
    pub(crate) fix: Fix,
    /// The stop where the courier really stands or walks.
    pub(crate) really_at: Option<usize>,
}

pub(crate) struct Drive<'a> {
    random: &'a mut Random,
    trouble: Trouble,
    now_ms: i64,
    here: (f64, f64),
    /// Error of the phone, which changes slowly.
    error: (f64, f64),
    reflection: Option<(f64, f64, i64)>,
    dark_until_ms: i64,
    pub(crate) samples: Vec<Sample>,
}

impl<'a> Drive<'a> {
    pub(crate) fn new(random: &'a mut Random, trouble: Trouble) -> Self {
        let error = (0.0, 0.0);
        Self {
            random,
            trouble,
            now_ms: 1_000_000,
            here: (0.0, 0.0),
            error,
            reflection: None,
            dark_until_ms: 0,
            samples: Vec::new(),
        }
    }

    fn chance(&mut self, of_100: usize) -> bool {
        self.random.below(100) < of_100
    }

    fn within(&mut self, least: usize, most: usize) -> f64 {
        (least + self.random.below(most - least + 1)) as f64
    }

    /// Drives to the curb near a door, walks there, is busy, and walks back.
    pub(crate) fn visit(&mut self, stop: usize, door: (f64, f64)) {
        if self.chance(self.trouble.tunnels) {
            self.dark_until_ms = self.now_ms + 20_000 + self.random.below(60_000) as i64;
        }
        let curb = (door.0 + self.within(0, 30) - 15.0, door.1 - self.within(5, 20));
        // Along streets: first east or west, then north or south, with junctions on the way.
        for corner in [(curb.0, self.here.1), curb] {
            self.go(corner, None);
        }
        if self.chance(self.trouble.reflections) {
            let until = self.now_ms + 10_000 + self.random.below(25_000) as i64;
            self.reflection = Some((self.within(0, 80) - 40.0, self.within(0, 80) - 40.0, until));
        }
        self.walk(door, stop);
        let busy_until = self.now_ms + 40_000 + self.random.below(100_000) as i64;
        while self.now_ms < busy_until {
            self.tick(0.0, Some(stop));
        }
        self.walk(curb, stop);
    }

    fn walk(&mut self, to: (f64, f64), stop: usize) {
        self.move_to(to, 1.3, Some(stop));
    }

    fn go(&mut self, to: (f64, f64), stop: Option<usize>) {
        let (mut east, mut north) = (to.0 - self.here.0, to.1 - self.here.1);
        let length = east.hypot(north);
        let blocks = (length / 150.0).ceil().max(1.0);
        (east, north) = (east / blocks, north / blocks);
        for block in 1..=blocks as usize {
            let speed = self.within(6, 13);
            self.move_to((self.here.0 + east, self.here.1 + north), speed, stop);
            if block < blocks as usize && self.chance(self.trouble.red_lights) {
                let until = self.now_ms + 10_000 + self.random.below(45_000) as i64;
                while self.now_ms < until {
                    self.tick(0.0, stop);
                }
            }
        }
    }

    fn move_to(&mut self, to: (f64, f64), speed: f64, stop: Option<usize>) {
        loop {
            let (east, north) = (to.0 - self.here.0, to.1 - self.here.1);
            let left = east.hypot(north);
            if left < speed {
                self.here = to;
                return;
            }
            let seconds = self.tick(speed, stop);
            let part = (speed * seconds / left).min(1.0);
            self.here = (self.here.0 + east * part, self.here.1 + north * part);
        }
    }

    /// Some seconds pass, and the phone says where it is; how many.
    fn tick(&mut self, speed: f64, really_at: Option<usize>) -> f64 {
        let seconds = self.within(1, 3);
        self.now_ms += (seconds * 1_000.0) as i64;
        let drift = |error: f64, step: f64| error * 0.8 + step;
        let steps = (self.within(0, 8) - 4.0, self.within(0, 8) - 4.0);
        self.error = (drift(self.error.0, steps.0), drift(self.error.1, steps.1));
        let reflected = self.reflection.filter(|reflection| self.now_ms < reflection.2);
        let (east, north) = reflected.map_or((0.0, 0.0), |reflection| (reflection.0, reflection.1));
        let accuracy = if reflected.is_some() { self.within(18, 50) } else { self.within(4, 12) };
        if self.now_ms >= self.dark_until_ms {
            let point = at(self.here.0 + self.error.0 + east, self.here.1 + self.error.1 + north);
            let told = (speed * 10.0 + self.within(0, 6) - 3.0).max(0.0) as u32;
            let fix = Fix {
                at_ms: self.now_ms,
                received_ms: self.now_ms + self.random.below(1_500) as i64,
                point,
                accuracy_m: accuracy as u32,
                speed_dm_s: (!self.trouble.no_speed).then_some(told),
            };
            self.samples.push(Sample { fix, really_at });
        }
        seconds
    }
}
