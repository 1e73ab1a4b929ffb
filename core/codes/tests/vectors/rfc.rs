//! The vectors of RFC 9106 and RFC 9180, with the crates and parameters of this crate.

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};

use crate::given::Given;

type Kem = X25519HkdfSha256;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A secret X25519 key as the crate keeps it: the RFC prints it before the bits that do not count are set (RFC 7748 § 5).
fn clamped(text: &str) -> Vec<u8> {
    let mut key = hex(text);
    key[0] &= 0xf8;
    key[31] = key[31] & 0x7f | 0x40;
    key
}

/// RFC 9106 § 5.3.
#[test]
fn argon2id_gives_the_tag_of_rfc_9106() {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .output_len(32)
        .build()
        .unwrap();
    let mut tag = [0; 32];
    Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params)
        .unwrap()
        .hash_password_into(&[1; 32], &[2; 16], &mut tag)
        .unwrap();
    assert_eq!(tag.to_vec(), hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
const PLAIN: &str = "4265617574792069732074727574682c20747275746820626561757479";
const IKM_E: &str = "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b";
const SK_E: &str = "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600";
const ENC: &str = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
const IKM_R: &str = "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df";
const SK_R: &str = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";
const PK_R: &str = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";

/// Sequence number and ciphertext; the AAD is `Count-` and the number.
const ENCRYPTIONS: [(usize, &str); 6] = [
    (0, "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
    (1, "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c"),
    (2, "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b"),
    (4, "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe16"),
    (255, "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a95c"),
    (256, "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b"),
];

/// Exporter context and value.
const EXPORTS: [(&str, &str); 3] = [
    ("", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"),
    ("00", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"),
    ("54657374436f6e74657874", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"),
];

/// RFC 9180 appendix A.2.1: base mode of the suite that evidence is sealed with.
#[test]
fn hpke_gives_the_values_of_rfc_9180() {
    let (ephemeral, _) = Kem::derive_keypair(&hex(IKM_E));
    assert_eq!(ephemeral.to_bytes().to_vec(), clamped(SK_E));
    let (secret, public) = Kem::derive_keypair(&hex(IKM_R));
    assert_eq!((secret.to_bytes().to_vec(), public.to_bytes().to_vec()), (clamped(SK_R), hex(PK_R)));

    let (enc, mut sender) = setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &<Kem as hpke::Kem>::PublicKey::from_bytes(&hex(PK_R)).unwrap(),
        &hex(INFO),
        &mut Given(&hex(IKM_E)),
    )
    .unwrap();
    assert_eq!(enc.to_bytes().to_vec(), hex(ENC));
    let mut receiver = setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &<Kem as hpke::Kem>::PrivateKey::from_bytes(&hex(SK_R)).unwrap(),
        &<Kem as hpke::Kem>::EncappedKey::from_bytes(&hex(ENC)).unwrap(),
        &hex(INFO),
    )
    .unwrap();
    let mut compared = 0;
    for seq in 0..=256 {
        let aad = format!("Count-{seq}");
        let sealed = sender.seal(&hex(PLAIN), aad.as_bytes()).unwrap();
        if let Some((_, expected)) = ENCRYPTIONS.iter().find(|(at, _)| *at == seq) {
            assert_eq!(sealed, hex(expected), "encryption {seq}");
            compared += 1;
        }
        assert_eq!(receiver.open(&sealed, aad.as_bytes()).unwrap(), hex(PLAIN), "encryption {seq}");
    }
    assert_eq!(compared, ENCRYPTIONS.len());
    for (context, expected) in EXPORTS {
        let mut value = [0; 32];
        receiver.export(&hex(context), &mut value).unwrap();
        assert_eq!(value.to_vec(), hex(expected), "exported with {context:?}");
    }
}
