//! The route of one courier: which order, what a change of it costs, when the courier will be where, and when one is
//! there.
//!
//! Everything is plain indices and integers, without a clock, I/O or dependencies, and gives the same result on every
//! machine. Read in this order: [`problem`] (what is to be put in order), [`timeline`](mod@timeline) (an order with its times),
//! [`sequence`](mod@sequence) (a good order), [`keep`] (a better order that leaves the courier's own alone), [`edit`](mod@edit) (the
//! courier's own changes); then [`geo`] and [`travel`] (how long a leg takes without a matrix), [`service`], [`live`]
//! and [`eta`] (when), [`arrival`] (where).

pub mod arrival;
pub mod edit;
pub mod eta;
pub mod fence;
pub mod geo;
mod insertion;
pub mod keep;
pub mod live;
pub mod matrix;
mod model;
mod near;
pub mod price;
pub mod problem;
pub mod random;
mod search;
pub mod sequence;
pub mod service;
mod span;
mod stretches;
pub mod timeline;
mod tour;
pub mod travel;
pub mod zones;

pub use edit::{BadEdit, Edit, Edited, edit};
pub use insertion::insert_missing;
pub use keep::{KeepOrder, Proposal, Reason, Replan, Replanned, freezing_next, replan};
pub use matrix::Matrix;
pub use price::Price;
pub use problem::{BadProblem, Finish, Problem, Start, Stop};
pub use sequence::{Effort, Sequence, Wish, sequence};
pub use timeline::{Timeline, Visit, timeline};
