//! Whole machines on emulated hardware: from the firmware or the boot loader on.
#![allow(clippy::unwrap_used)]

mod boot;
mod emulator;
mod grub;
mod place;
mod power;
mod uefi;
mod zfs;
