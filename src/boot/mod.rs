//! Which image boots, whether this boot is a good one, and what happens if it is not.
//!
//! | module | purity | does |
//! |---|---|---|
//! | [`trial`]    | pure | what kind of boot this is, what the ledger becomes, which writes in which order, the verdict |
//! | [`loader`]   | effects | one per boot technology: carries the writes out, reads the loader's state |
//! | [`image`]    | reads | what an image says about itself |
//! | [`ledger`]   | effects | what is known about images and trials, below `/persistent/data/imp/boot` |
//! | [`record`]   | effects | what is known about this boot, in `/run/imp/boot.json` |
//! | [`soft_reboot`] | effects | whether another system has taken the place of the one that was booted |
//! | [`deadline`] | effects | the deadline of a trial, which holds even when nothing in it works |
//! | [`evidence`] | effects | what a boot leaves behind for `impctl why` |
//! | [`watchdog`] | reads | whether a trial that hangs comes back by itself |
//!
//! Three invariants hold after every single write (the test `boot_model` walks every state):
//! I1 power-on without a token boots an image that was blessed; I2 a token is one attempt, and the boot chain takes it before
//! the image gets control; I3 the bless is one write, and going back needs none.

pub mod deadline;
pub mod evidence;
pub mod image;
pub mod ledger;
pub mod loader;
pub mod record;
pub mod soft_reboot;
pub mod trial;
pub mod watchdog;
