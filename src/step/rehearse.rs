//! `impctl rehearse`: runs the code of a whole boot on a simulated machine.
//!
//! The configuration is copied into a tmpfs in throw-away user, mount, network and host name namespaces, a veth replaces
//! each NIC, and every step of the boot runs there twice. Nothing outside is touched and nothing is left behind.

mod image;
mod output;
mod sandbox;
mod tree;

use self::output::{Output, Step};
use crate::exit::{Failure, Kind};
use crate::plan::Input as _;
use crate::plan::identity::Wanted;
use crate::plan::netns::Wanted as Namespace;
use crate::step;
use crate::types::Root;

/// The root of the simulated machine inside the namespaces: a directory every system has.
const PLACE: &str = "/tmp";

/// Runs the boot of the configuration below the root and prints each step with its time, then the tree it would leave.
///
/// Works as root or as an ordinary user, without systemd, VPP or FRR. Must be called while the process has a single thread.
/// The error is that of the first step that failed, once all of them have run.
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
    boot.run("imp-machine-id", |root| {
        let done = step::machine_id::up(root).map_err(failed)?;
        done.iter().for_each(|line| tracing::info!("{line}"));
        Ok(())
    });
    boot.run("imp-config", step::config::start);
    let model = step::running_model(&machine).ok();
    image::put_placeholders(&machine, model.as_ref().map(Wanted::of).as_ref())?;
    boot.run("imp-identity", step::identity::start);
    let Some(model) = model else {
        return boot.end();
    };
    image::plug_nics(&machine, &model)?;
    boot.dataplane();
    boot.output.again();
    boot.run("imp-config", step::config::start);
    boot.run("imp-identity", step::identity::start);
    boot.dataplane();
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
    /// Runs one step. Like a real boot, this one continues even if the step fails.
    fn run(&mut self, name: &str, step: impl FnOnce(&Root) -> Result<(), Failure>) {
        let step = Step::run(name, || step(self.root));
        self.output.step(&step);
        if let Err(failure) = step.result {
            self.failed.get_or_insert(failure);
        }
    }

    /// The steps that follow once there is a configuration.
    fn dataplane(&mut self) {
        self.run("imp-netns", |root| {
            let Namespace { namespace } = step::input::read(root)?;
            step::netns::up(root, &namespace)
        });
        self.run("imp-nic", |root| step::nic::up(root, &step::input::read(root)?));
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
