//! Whole machines on emulated hardware: from the firmware or the boot loader on.

mod grub;
mod power;
mod uefi;
mod zfs;
