//! The route of one courier: which order, and what a change of it costs.
//!
//! Everything is plain indices and integers, without a clock, I/O or dependencies, and gives the same result on every
//! machine. Read in this order: [`problem`] (what is to be put in order), [`timeline`](mod@timeline) (an order with its times),
//! [`sequence`](mod@sequence) (a good order), [`keep`] (a better order that leaves the courier's own alone), [`edit`](mod@edit) (the
//! courier's own changes).

pub mod edit;
mod insertion;
pub mod keep;
pub mod matrix;
mod model;
mod near;
pub mod price;
pub mod problem;
pub mod random;
mod search;
pub mod sequence;
mod span;
mod stretches;
pub mod timeline;
mod tour;

pub use edit::{BadEdit, Edit, Edited, edit};
pub use insertion::insert_missing;
pub use keep::{KeepOrder, Proposal, Reason, Replan, Replanned, freezing_next, replan};
pub use matrix::Matrix;
pub use price::Price;
pub use problem::{BadProblem, Finish, Problem, Start, Stop};
pub use sequence::{Effort, Sequence, Wish, sequence};
pub use timeline::{Timeline, Visit, timeline};
