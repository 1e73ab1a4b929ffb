//! Codes: issued when a route is published, one more for a neighbour, new ones when somebody must not know the old.
//!
//! Each is a code of its own with a fresh key, so one code has one tag, ever. The codes of an attempt share its salt and
//! hash: an entry at the door costs one hash.

use courier_codes::encoding::decode_array;
use courier_codes::kdf::BadVerifier;
use courier_codes::planted::{self, Weakness};
use courier_codes::{Code, Drawn, IssueSpec, Issued, Token, draw, second_tag};
use courier_domain::code::TRY_BUDGET;
use courier_domain::{CodeId, Instruction, InstructionKind, Origin, UnixMs};
use courier_protocol::{Object, ObjectKind, ProblemKind};
use rand_core::Rng;

use crate::config::Config;
use crate::cores::on_all_cores;
use crate::days;
use crate::error::ServiceError;
use crate::import::{check_instruction, new_id};
use crate::mail::{self, Mail};
use crate::publish::{put_shipment, time_zone};
use crate::seal::Sealer;
use crate::storage::{AttemptRow, AttemptState, CodeRow, CodeStanding, ShipmentRow, Tx};

/// New codes that an attempt gets on one local day, at most.
const REISSUES_A_DAY: u32 = 2;
/// Neighbours of one attempt who get a code of their own, at most: every live code makes guessing easier.
const NEIGHBOURS: usize = 2;
/// Longest name of a neighbour with a code, in characters: it has to fit a courier's screen.
const MAX_NAME: usize = 60;
/// Longest identifier of a request, in bytes.
const MAX_REQUEST: usize = 100;

/// Who holds the first code of an attempt.
const RECIPIENT: &str = "recipient";
/// Who holds another one: this and a name.
const NEIGHBOUR: &str = "neighbour ";

/// What issuing needs beside the transaction.
pub struct Mint<'a, 'b> {
    /// Configuration.
    pub config: &'a Config,
    /// Sealing and randomness.
    pub seal: &'a mut Sealer<'b>,
    /// Now.
    pub now: UnixMs,
}

/// Who wants new codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The courier at the door.
    Courier,
    /// The office.
    Office,
    /// The customer, on the tracking page.
    Customer,
    /// The customer, who says that somebody else knows the code.
    Dispute,
}

impl Asker {
    fn word(self) -> &'static str {
        match self {
            Self::Courier => "courier",
            Self::Office => "office",
            Self::Customer => "customer",
            Self::Dispute => "dispute",
        }
    }
}

/// The name of the neighbour who holds a code; `None` = the recipient does.
pub fn neighbour_of(holder: &str) -> Option<&str> {
    holder.strip_prefix(NEIGHBOUR)
}

/// The first code of an attempt, drawn and mailed. It opens nothing before [`store_first`].
pub(crate) struct FirstCode {
    attempt: AttemptRow,
    drawn: Drawn,
    sealed: Vec<u8>,
}

/// Draws the first code of an attempt and mails it.
pub(crate) fn draw_first(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    mint: &mut Mint<'_, '_>,
) -> Result<FirstCode, ServiceError> {
    let (drawn, sealed) = draw_code(tx, attempt, shipment, RECIPIENT, mint)?;
    mail_digits(tx, attempt, shipment, (&drawn.spec.code_id, RECIPIENT, drawn.code.digits()), mint)?;
    Ok(FirstCode { attempt: attempt.clone(), drawn, sealed })
}

/// Makes the verifiers of many codes, on all cores, and puts them on their routes.
pub(crate) fn store_first(
    tx: &mut Tx<'_>,
    codes: Vec<FirstCode>,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let made = on_all_cores(codes, 1, |code| (code.attempt, code.sealed, code.drawn.finish()));
    for (attempt, sealed, issued) in made {
        store_code(tx, &attempt, issued, sealed, mint)?;
    }
    Ok(())
}

fn add_code(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    holder: &str,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let (drawn, sealed) = draw_code(tx, attempt, shipment, holder, mint)?;
    let row = store_code(tx, attempt, drawn.finish(), sealed, mint)?;
    mail_code(tx, attempt, shipment, &row, mint)
}

/// A code, and its secrets sealed.
fn draw_code(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    holder: &str,
    mint: &mut Mint<'_, '_>,
) -> Result<(Drawn, Vec<u8>), ServiceError> {
    let day = days::whole_day(attempt.day, time_zone(&shipment.tz)?);
    let (salt, kdf, k) = if let Some(first) = tx.codes_of(&attempt.id)?.into_iter().next() {
        let salt = decode_array(first.verifier.salt.as_str());
        let salt = salt.map_err(|_| ServiceError::fault("a stored salt is damaged"))?;
        (salt, first.verifier.kdf, first.verifier.k)
    } else {
        let mut salt = [0; 16];
        mint.seal.rng.fill_bytes(&mut salt);
        let k = if planted::is(Weakness::LongTag) { 16 } else { mint.config.code.k };
        (salt, mint.config.code.kdf, k)
    };
    let code_id: CodeId = new_id(mint.seal.rng)?;
    let spec = IssueSpec {
        attempt: attempt.id.clone(),
        code_id: code_id.clone(),
        holder: holder.into(),
        kdf,
        salt,
        k,
        not_before: day.from,
        not_after: day.to,
    };
    let drawn = draw(mint.seal.rng, spec);
    let secrets = format!("{} {}", drawn.code.digits(), *drawn.token.encode());
    let sealed = mint.seal.seal("code", code_id.as_str(), secrets.as_bytes())?;
    Ok((drawn, sealed))
}

fn store_code(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    issued: Result<Issued, BadVerifier>,
    sealed: Vec<u8>,
    mint: &mut Mint<'_, '_>,
) -> Result<CodeRow, ServiceError> {
    let wrong = |error| ServiceError::fault(format!("issuing: {error}"));
    let issued = issued.map_err(wrong)?;
    if planted::is(Weakness::SecondTag)
        && let Some(route) = &attempt.route
    {
        let second = second_tag(mint.seal.rng, &issued).map_err(wrong)?;
        tx.put_object(route, &Object::Verifier(second))?;
    }
    let row = CodeRow { sealed, verifier: issued.verifier, state: CodeStanding::Live };
    tx.add_code(&row)?;
    if let Some(route) = &attempt.route {
        tx.put_object(route, &Object::Verifier(row.verifier.clone()))?;
    }
    Ok(row)
}

/// The secrets of a code: to mail, show and judge only.
pub(crate) fn open_code(seal: &Sealer<'_>, code: &CodeRow) -> Result<(Code, Token), ServiceError> {
    let damaged = || ServiceError::fault("a stored code is damaged");
    let plain = seal.open("code", code.verifier.code_id.as_str(), &code.sealed)?;
    let secrets = String::from_utf8(plain).map_err(|_| damaged())?;
    let (digits, token) = secrets.split_once(' ').ok_or_else(damaged)?;
    Ok((Code::parse(digits).map_err(|_| damaged())?, Token::parse(token).map_err(|_| damaged())?))
}

/// Mails a code, once, not before the morning of its day.
pub(crate) fn mail_code(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    code: &CodeRow,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let digits = open_code(mint.seal, code)?.0.digits().to_owned();
    mail_digits(tx, attempt, shipment, (&code.verifier.code_id, &code.verifier.holder, &digits), mint)
}

fn mail_digits(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    (code_id, holder, digits): (&CodeId, &str, &str),
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let (day, neighbour, digits) = (attempt.day, neighbour_of(holder).map(str::to_owned), digits.to_owned());
    let codes = tx.codes_of(&attempt.id)?;
    let mut earlier = codes.iter().take_while(|known| known.verifier.code_id != *code_id);
    let mail = if earlier.any(|known| known.verifier.holder == holder) {
        Mail::CodeReplaced { day, digits, neighbour }
    } else {
        Mail::YourCode { day, digits, neighbour }
    };
    let morning = days::at_hour(attempt.day, mint.config.mail.not_before_hour, time_zone(&shipment.tz)?);
    mail::queue(tx, shipment, &mail, code_id.as_str(), mint.now.max(morning), mint.seal)
}

/// A code does not open a door any more, also not by the mail that would bring it.
pub(crate) fn end_code(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    code: &CodeId,
    state: CodeStanding,
    why: &str,
) -> Result<(), ServiceError> {
    tx.set_code_state(code, state)?;
    mail::drop_code(tx, code)?;
    match &attempt.route {
        Some(route) => tx.take_object(route, ObjectKind::Verifier, code.as_str(), why),
        None => Ok(()),
    }
}

/// Replaces every live code of an attempt, once per request. Nothing of it is answered: the customer is mailed, the
/// phone gets the verifiers by its route.
pub(crate) fn reissue(
    tx: &mut Tx<'_>,
    attempt: AttemptRow,
    shipment: &ShipmentRow,
    (request, asker): (&str, Asker),
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    check_request(request)?;
    let request = &format!("{}/{request}", asker.word());
    if tx.has_reissue(&attempt.id, request)? {
        return Ok(());
    }
    let old = codes_to_change(tx, &attempt, shipment, mint.now)?;
    if !may_reissue(tx, &attempt, shipment, mint.now)? {
        let what = format!("{REISSUES_A_DAY} new codes a day, and they were issued");
        return Err(ServiceError::refused(ProblemKind::ReissueLimit, what));
    }
    for code in &old {
        end_code(tx, &attempt, &code.verifier.code_id, CodeStanding::Superseded, "replaced")?;
    }
    replace(tx, attempt, shipment, &old, (request, asker), mint)
}

/// Freezes every live code of an attempt, since somebody else may know it, and issues new ones at once. When the day has
/// no new codes left it stays frozen, and the next delivery day brings one.
pub(crate) fn freeze_and_reissue(
    tx: &mut Tx<'_>,
    attempt: AttemptRow,
    shipment: &ShipmentRow,
    request: &str,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let old = codes_to_change(tx, &attempt, shipment, mint.now)?;
    let again = may_reissue(tx, &attempt, shipment, mint.now)?;
    for code in &old {
        let why = if again { "replaced" } else { "frozen" };
        end_code(tx, &attempt, &code.verifier.code_id, CodeStanding::Frozen, why)?;
    }
    if again {
        let request = &format!("{}/{request}", Asker::Dispute.word());
        return replace(tx, attempt, shipment, &old, (request, Asker::Dispute), mint);
    }
    let about = attempt.id.as_str();
    mail::queue(tx, shipment, &Mail::CodeFrozen { disputed: true }, about, mint.now, mint.seal)
}

fn replace(
    tx: &mut Tx<'_>,
    mut attempt: AttemptRow,
    shipment: &ShipmentRow,
    old: &[CodeRow],
    (request, asker): (&str, Asker),
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    tx.add_reissue(&attempt.id, request, asker.word(), mint.now)?;
    // Wrong entries are never forgotten: a new code brings a new budget instead.
    attempt.budget = attempt.budget.max(attempt.tries_used.saturating_add(TRY_BUDGET));
    attempt.budget_rev = tx.rev()?;
    tx.put_attempt(&attempt)?;
    for code in old {
        add_code(tx, &attempt, shipment, &code.verifier.holder, mint)?;
    }
    put_shipment(tx, &attempt)
}

/// The codes of an attempt that can be entered now. A code that a wrong entry froze is not replaced on its day.
pub(crate) fn codes_to_change(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    now: UnixMs,
) -> Result<Vec<CodeRow>, ServiceError> {
    let conflict = |what: &str| Err(ServiceError::refused(ProblemKind::Conflict, what));
    if shipment.cancelled.is_some() || attempt.state != AttemptState::Open {
        return conflict("this attempt is not under way");
    }
    let mut codes = tx.codes_of(&attempt.id)?;
    codes.retain(|code| code.is_live() && now <= code.verifier.not_after);
    if codes.is_empty() { conflict("no code of this attempt is live") } else { Ok(codes) }
}

fn may_reissue(
    tx: &Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    now: UnixMs,
) -> Result<bool, ServiceError> {
    let tz = time_zone(&shipment.tz)?;
    let today = days::whole_day(days::local_day(now, tz), tz);
    Ok(tx.reissues_since(&attempt.id, today.from)? < REISSUES_A_DAY)
}

/// Checks what makes a request the same when it comes again.
pub(crate) fn check_request(request: &str) -> Result<(), ServiceError> {
    let fits = (1..=MAX_REQUEST).contains(&request.len()) && request.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    let what = format!("request_id: 1 to {MAX_REQUEST} printable ASCII characters");
    Err(ServiceError::refused(ProblemKind::BadRequest, what))
}

/// A neighbour gets a code of their own, and may receive. Asked again it does nothing.
pub(crate) fn neighbour_code(
    tx: &mut Tx<'_>,
    attempt: &AttemptRow,
    shipment: &ShipmentRow,
    name: &str,
    mint: &mut Mint<'_, '_>,
) -> Result<(), ServiceError> {
    let name = name.trim();
    let refused = |what: String| Err(ServiceError::refused(ProblemKind::Refused, what));
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return refused(format!("name: 1 to {MAX_NAME} characters on one line"));
    }
    let live = codes_to_change(tx, attempt, shipment, mint.now)?;
    let names: Vec<_> = live.iter().filter_map(|code| neighbour_of(&code.verifier.holder)).collect();
    if names.contains(&name) {
        return Ok(());
    }
    if names.len() >= NEIGHBOURS {
        return refused(format!("at most {NEIGHBOURS} neighbours have a code"));
    }
    let given = tx.instructions(&shipment.id)?;
    let is_named = |kind: &InstructionKind| matches!(kind, InstructionKind::Neighbour { name: known, .. } if known == name);
    if !given.iter().any(|given| is_named(&given.kind)) {
        let kind = InstructionKind::Neighbour { name: name.into(), flat: None };
        check_instruction(&kind, shipment.code_required)
            .map_err(|wrong| ServiceError::refused(ProblemKind::Refused, wrong))?;
        let given =
            Instruction { id: new_id(mint.seal.rng)?, origin: Origin::Recipient, kind, rev: tx.rev()? };
        tx.put_instruction(&shipment.id, &given)?;
        put_shipment(tx, attempt)?;
    }
    add_code(tx, attempt, shipment, &format!("{NEIGHBOUR}{name}"), mint)
}
