//! Real boots by UEFI firmware (OVMF) and Debian's systemd-boot, of unified kernels with our programs, under QEMU.
//!
//! `tests/run` builds the images and names their directory in `IMP_TEST_UEFI`; without it each test says `skipped: …` and ends.
#![allow(clippy::unwrap_used)]

mod inside;
mod machine;
mod trial;
