//! The map of the house: what turns `/persistent/config/*.toml` into a running router at every boot.
//!
//! Arrows run one way: [`types`] ← [`config`] ← [`plan`] ← [`act`]. [`render`] sees the Model and the
//! Bindings it is handed, never the machine. Only the mains call [`act`].
//!
//! | module | purity | does |
//! |---|---|---|
//! | [`types`]  | pure | `IfName`, `VlanId`, `Asn` …: parse, print, nothing else |
//! | [`config`] | pure (but `load`) | TOML text to [`config::Model`], all errors at once |
//! | [`facts`]  | reads only | sysfs, procfs, netlink dumps |
//! | [`plan`]   | pure | Model + Facts to a printable list of Actions |
//! | [`render`] | pure | Model + Bindings to files, through strict templates |
//! | [`act`]    | effects | the only code that changes the machine |
//! | [`boot`]   | –       | which image boots: a pure state machine and one backend per loader |
//! | [`host`]   | effects | conversations with the machine: the firmware's variables, ZFS |
//! | [`health`] | reads | the checks of a boot |
//! | [`step`]   | effects | what each binary does at boot, and `impctl` at any time |
//! | [`impctl`] | –       | what an operator types |

pub mod act;
pub mod boot;
pub mod config;
pub mod exit;
pub mod facts;
pub mod health;
pub mod host;
pub mod impctl;
pub mod log;
pub mod plan;
pub mod render;
pub mod step;
pub mod types;
