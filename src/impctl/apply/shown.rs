//! What is shown while a change is applied: a line for each part that has ended and, where a person looks on, one that says who
//! is at work, drawn again as long as it goes on.

use super::out;
use crate::exit::Failure;
use crate::step::apply::progress::{PartState, Phase, Record, State};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What ends before this has no line that is drawn again.
const SOON: Duration = Duration::from_millis(500);
/// How wide that line may be: a terminal goes back to the beginning of its last row alone.
const WIDE: usize = 79;

/// What was shown so far.
#[derive(Debug)]
pub(super) struct Shown {
    /// Whether a line can be drawn over another one.
    rewritable: bool,
    began: Instant,
    /// Of how many parts the end was shown.
    ended: usize,
    /// Who is at work, with what, and since when.
    work: Option<(String, Instant)>,
    /// How wide the line is that the next one is drawn over.
    drawn: usize,
    /// That line.
    line: String,
}

impl Shown {
    /// Nothing yet.
    pub(super) fn begin(rewritable: bool) -> Self {
        Self {
            rewritable,
            began: Instant::now(),
            ended: 0,
            work: None,
            drawn: 0,
            line: String::new(),
        }
    }

    /// How far the change is, after its record; it may have none yet.
    pub(super) fn show(&mut self, record: Option<&Record>) -> Result<(), Failure> {
        print(&self.text(record, Instant::now()))
    }

    /// Before there is a record: who is at work, and with what.
    pub(super) fn says(&mut self, who: &str, what: &str) -> Result<(), Failure> {
        let text = self.redrawn(Some((who, what)), Instant::now());
        print(&text)
    }

    /// What is to be read before there is a record, on lines of its own.
    pub(super) fn notes(&mut self, text: &str) -> Result<(), Failure> {
        let text = self.erased() + text;
        print(&text)
    }

    /// It has ended: what follows stands on a line of its own.
    pub(super) fn end(&mut self, record: Option<&Record>) -> Result<(), Failure> {
        let text = self.erased() + &self.parts(record);
        print(&text)
    }

    fn text(&mut self, record: Option<&Record>, now: Instant) -> String {
        let parts = self.parts(record);
        let text = match parts.is_empty() {
            true => String::new(),
            false => self.erased() + &parts,
        };
        let at_work = record.map_or(Some(("imp-config", "starts".to_owned())), at_work);
        let at_work = at_work.as_ref().map(|(who, what)| (*who, what.as_str()));
        text + &self.redrawn(at_work, now)
    }

    /// A line for each part that has ended since the last time.
    fn parts(&mut self, record: Option<&Record>) -> String {
        let parts = record.map(|record| record.parts.as_slice()).unwrap_or_default();
        let ended = |part: &&PartState| !matches!(part.state, State::Waiting | State::Running);
        let new: Vec<&PartState> = parts.iter().skip(self.ended).take_while(ended).collect();
        self.ended += new.len();
        new.into_iter().map(line).collect()
    }

    /// The line drawn again, where that changes it.
    fn redrawn(&mut self, at_work: Option<(&str, &str)>, now: Instant) -> String {
        let Some((who, what)) = at_work else {
            return self.erased();
        };
        let work = format!("{who}: {what}");
        let since = match &self.work {
            Some((known, since)) if *known == work => *since,
            _ => self.work.insert((work, now)).1,
        };
        if !self.rewritable || now.duration_since(self.began) < SOON {
            return String::new();
        }
        let seconds = now.duration_since(since).as_secs();
        let line = format!("  {who:<12}  {:<8}  {seconds:>7} s  {what}", "at work");
        let line: String = line.chars().take(WIDE).collect();
        if line == self.line {
            return String::new();
        }
        let wide = line.chars().count();
        let text = format!("\r{line}{}", " ".repeat(self.drawn.saturating_sub(wide)));
        self.drawn = wide;
        self.line = line;
        text
    }

    /// The line goes away, if there is one. Blanks do it on every terminal.
    fn erased(&mut self) -> String {
        self.line.clear();
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            wide => format!("\r{}\r", " ".repeat(wide)),
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    match text.is_empty() {
        true => Ok(()),
        false => out::print(text),
    }
}

/// Who is at work, and what is waited for; `None` once it has ended.
fn at_work(record: &Record) -> Option<(&str, String)> {
    let running = record.parts.iter().find(|part| part.state == State::Running);
    let back = match record.phase {
        Phase::GoingBack => "going back: ",
        Phase::Checking | Phase::Applying | Phase::Ended => "",
    };
    match (record.phase, running) {
        (Phase::Ended, _) => None,
        (_, Some(part)) => Some((&part.part, format!("{back}{}", part.job))),
        (Phase::Checking, None) => Some(("imp-config", "checks the documents".to_owned())),
        (Phase::Applying | Phase::GoingBack, None) => {
            Some(("imp-config", format!("{back}decides what follows")))
        }
    }
}

/// A part with how it ended and how long that took; one that had nothing to do has no line.
fn line(part: &PartState) -> String {
    let state = match part.state {
        State::Unchanged | State::Waiting | State::Running => return String::new(),
        State::Done => "done",
        State::Queued => "queued",
        State::Failed => "FAILED",
    };
    let mut text = String::new();
    let _ = writeln!(text, "  {:<12}  {state:<8}  {:>7.1} s", part.part, part.seconds);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part: &str, state: State, job: &str) -> PartState {
        PartState {
            part: part.to_owned(),
            state,
            job: job.to_owned(),
            seconds: 1.25,
            words: String::new(),
        }
    }

    fn record(phase: Phase, parts: Vec<PartState>) -> Record {
        Record {
            id: "1".to_owned(),
            author: None,
            message: None,
            began: 0,
            phase,
            before: None,
            generation: None,
            impacts: Vec::new(),
            parts,
            outcome: None,
            words: String::new(),
            seconds: 0.0,
        }
    }

    /// What is shown of an FRR that takes its time, then of its end.
    fn of_a_slow_frr(rewritable: bool) -> Vec<String> {
        let mut shown = Shown::begin(rewritable);
        let after = |ms| shown.began + Duration::from_millis(ms);
        let [early, later, same, much, late] = [100, 700, 800, 4_200, 5_000].map(after);
        let running = record(
            Phase::Applying,
            vec![
                part("FRR", State::Running, "reload frr.service"),
                part("the rest", State::Waiting, ""),
            ],
        );
        let ended = record(
            Phase::Ended,
            vec![
                part("FRR", State::Done, ""),
                part("the rest", State::Unchanged, ""),
            ],
        );
        [
            (None, early),
            (Some(&running), later),
            (Some(&running), same),
            (Some(&running), much),
            (Some(&ended), late),
        ]
        .map(|(record, at)| shown.text(record, at))
        .to_vec()
    }

    #[test]
    fn one_line_is_drawn_again_and_goes_away() {
        let said = of_a_slow_frr(true);
        let line = |seconds| format!("\r  FRR           at work         {seconds} s  reload frr.service");
        assert_eq!(said[..4], [String::new(), line(0), String::new(), line(3)]);
        let blanks = " ".repeat(line(0).len() - 1);
        assert_eq!(
            said[4],
            format!("\r{blanks}\r  FRR           done          1.2 s\n")
        );
    }

    #[test]
    fn a_pipe_gets_plain_lines() {
        let said = of_a_slow_frr(false);
        assert_eq!(said.concat(), "  FRR           done          1.2 s\n");
    }

    #[test]
    fn a_shorter_line_covers_a_longer_one() {
        let mut shown = Shown::begin(true);
        let at = shown.began + Duration::from_secs(1);
        let long = shown.redrawn(Some(("VPP core", "reload vpp-core-config.service")), at);
        let short = shown.redrawn(Some(("FRR", "x")), at);
        assert_eq!(long.len(), short.len());
        assert_eq!(shown.erased().trim_matches(['\r', ' ']), "");
        assert_eq!(shown.erased(), "");
    }

    #[test]
    fn the_way_back_says_that_it_is_one() {
        let back = record(
            Phase::GoingBack,
            vec![part("FRR", State::Running, "restart frr.service")],
        );
        assert_eq!(
            at_work(&back),
            Some(("FRR", "going back: restart frr.service".to_owned()))
        );
    }
}
