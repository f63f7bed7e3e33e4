//! The map of the house: what turns `/persistent/config/*.toml` into a running router at every boot.
//!
//! Arrows run one way: [`types`] ← [`config`] ← [`render`], and
//! [`host`] ← [`facts`] ← [`plan`] ← [`act`] ← [`boot`] ← [`health`] ← [`step`] ← [`impctl`] ← the mains. `tests/layers.rs` enforces
//! them.
//!
//! | module | purity | does |
//! |---|---|---|
//! | [`types`]  | pure | `IfName`, `VlanId`, `Asn` …: parse, print, nothing else |
//! | [`config`] | pure (but `load`) | TOML text to [`config::Model`], all errors at once |
//! | [`render`] | pure | Model + Bindings to files, through strict templates |
//! | [`import`] | pure | other systems' configurations to TOML |
//! | [`host`]   | effects | conversations: files, programs, netlink, D-Bus, VPP, Incus; decides nothing |
//! | [`facts`]  | reads | through `host`, to plain data |
//! | [`plan`]   | pure | Model + Facts to a printable list of Actions |
//! | [`act`]    | effects | executes Actions, nothing else |
//! | [`boot`]   | –       | which image boots: a pure state machine and one backend per loader |
//! | [`health`] | reads | the checks of a boot |
//! | [`step`]   | through the others | what each binary does at boot |
//! | [`impctl`] | through the others | what an operator types |

#![forbid(unsafe_code)]

pub mod act;
pub mod boot;
pub mod config;
pub mod exit;
pub mod facts;
pub mod health;
pub mod host;
pub mod impctl;
pub mod import;
pub mod log;
pub mod plan;
pub mod render;
pub mod step;
pub mod types;
