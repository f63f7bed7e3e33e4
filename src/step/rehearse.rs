//! `impctl rehearse`: the whole boot with the code of the boot, on a machine that does not exist.
//!
//! The configuration is copied into a tmpfs in throw-away user, mount, network and host name namespaces, a veth stands in
//! for each NIC, and every step of the boot runs there twice. Nothing outside is touched and nothing is left behind.

mod image;
mod output;
mod sandbox;
mod tree;

use self::output::{Output, Step};
use crate::config::Model;
use crate::exit::{Failure, Kind};
use crate::step;
use crate::types::Root;

/// Where the machine that does not exist is, inside the namespaces: a directory every system has.
const PLACE: &str = "/tmp";

/// Plays the boot of the configuration below the root and prints each step with its time, then the tree it would leave.
///
/// As root or as an ordinary user; without systemd, VPP or FRR. Must be called while the process has a single thread. An
/// error is that of the first step that failed, after all of them were played.
pub fn rehearse(root: &Root) -> Result<(), Failure> {
    let files = tree::read_configuration(root)?;
    let host_key = image::can_make_host_key();
    sandbox::enter()?;
    sandbox::mount_tmpfs(PLACE)?;
    let machine = Root::new(PLACE);
    tree::write(&machine, &files)?;
    image::build(&machine, host_key)?;
    let before = tree::snapshot(&machine);

    let mut output = Output::new(root);
    let mut boot = Boot {
        root: &machine,
        output: &mut output,
        failed: None,
    };
    boot.play("imp-machine-id", |root| {
        let done = step::machine_id::up(root).map_err(failed)?;
        done.iter().for_each(|line| tracing::info!("{line}"));
        Ok(())
    });
    boot.play("imp-config", step::config::start);
    let model = step::running_model(&machine).ok();
    image::put_placeholders(&machine, model.as_ref())?;
    boot.play("imp-identity", |root| step::identity::up(root, model.as_ref()));
    let Some(model) = model else {
        return boot.end();
    };
    image::plug_nics(&machine, &model)?;
    boot.dataplane(&model);
    boot.output.again();
    boot.play("imp-config", step::config::start);
    boot.play("imp-identity", |root| step::identity::up(root, Some(&model)));
    boot.dataplane(&model);
    let mut left = tree::left_behind(&machine, &before);
    left.retain(|left| !image::is_stand_in(&left.path));
    boot.output.tree(&left);
    boot.end()
}

/// A boot in progress.
struct Boot<'a> {
    root: &'a Root,
    output: &'a mut Output,
    failed: Option<Failure>,
}

impl Boot<'_> {
    /// Plays one step; the boot goes on whatever becomes of it, as the real one does.
    fn play(&mut self, name: &str, step: impl FnOnce(&Root) -> Result<(), Failure>) {
        let played = Step::play(name, || step(self.root));
        self.output.step(&played);
        if let Err(failure) = played.result {
            self.failed.get_or_insert(failure);
        }
    }

    /// What comes once a configuration runs.
    fn dataplane(&mut self, model: &Model) {
        self.play("imp-netns", |root| {
            step::netns::up(root, &model.dataplane.namespace)
        });
        self.play("imp-nic", |root| step::nic::up(root, model));
    }

    /// The first failure, which has been printed.
    fn end(self) -> Result<(), Failure> {
        match self.failed {
            None => Ok(()),
            Some(failure) => Err(Failure::new(failure.kind(), "")),
        }
    }
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::from_error(Kind::Failed, &error)
}
