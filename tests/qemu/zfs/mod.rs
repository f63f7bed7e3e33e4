//! Real boots of whole systems: bookworm on a ZFS root with our package, started by a loader, under QEMU.
//!
//! `tests/run` builds the image and names it in `IMP_TEST_GUEST`; without it each test says `skipped: …` and ends.
#![allow(clippy::unwrap_used)]

mod deploy;
mod firmware;
mod machine;
mod smoke;
mod trial;
mod vrf;
