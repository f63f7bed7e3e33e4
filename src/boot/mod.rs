//! Which image boots, whether this boot is a good one, and what happens if it is not.
//!
//! | module | purity | does |
//! |---|---|---|
//! | [`classify`] | pure | what kind of boot this is, from the loader's state and the ledger |
//! | [`verdict`]  | pure | what the results of the checks mean for this kind of boot |
//! | [`course`]   | pure | how the ledger goes on from boot to boot |
//! | [`sequence`] | pure | the writes of arming, blessing and closing a trial, in an order that is safe after each |
//! | [`image`]    | reads | what an image says about itself |
//! | [`ledger`]   | –    | intent and evidence, below `/persistent/data/imp/boot` |
//! | [`record`]   | –    | what is known about this boot, in `/run/imp/boot.json` |
//! | [`backend`]  | effects | one per boot technology: carries the writes out, reads the loader's state |
//! | [`health`]   | effects | the checks |
//! | [`deadline`] | effects | the clock of a trial that nothing in it has to be well for |
//! | [`deploy`]   | effects | a new image: received, looked at, armed |
//! | [`evidence`] | effects | what a boot leaves behind for `impctl why` |
//! | [`step`]     | effects | what `imp-boot` does at boot |
//!
//! Three invariants hold after every single write (architecture.md; `tests/boot_model.rs` walks every state):
//! I1 power-on without a token boots an image that was blessed; I2 a token is one attempt, and the boot chain takes it before
//! the image gets control; I3 the bless is one write, and going back needs none.

pub mod backend;
pub mod classify;
pub mod course;
pub mod deadline;
pub mod deploy;
pub mod evidence;
pub mod health;
pub mod image;
pub mod ledger;
pub mod record;
pub mod sequence;
pub mod step;
pub mod verdict;
