//! The rules of a trial, without a single effect: no file, no process, no clock. Whoever uses them reads and writes.
//!
//! | module | decides |
//! |---|---|
//! | [`classify`] | what kind of boot this is, from the loader's state and the ledger |
//! | [`transitions`] | what the ledger becomes when a boot begins, is blessed or is judged |
//! | [`sequence`] | the writes of arming, blessing and closing a trial, in an order that is safe after each |
//! | [`panic`] | whether a kernel that panics comes back by itself |
//! | [`verdict`] | what the results of the checks mean for this kind of boot |
//! | [`ledger`] | what is known about images and trials, as data |
//! | [`outcome`] | the result of a check, as data |

pub mod classify;
pub mod ledger;
pub mod outcome;
pub mod panic;
pub mod sequence;
pub mod transitions;
pub mod verdict;
