"""A certificate chain made at run time, shaped like the one that AWS endpoints send.

Root, intermediate and leaf, all RSA 2048, so that the client does as many signature checks as against AWS.
Nothing of it outlives the run's own directory.
"""

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS_VALID = 2


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, key, issuer, issuer_key, path_length):
    """A CA certificate, or a leaf for `localhost` when `path_length` is None."""
    now = datetime.datetime.now(datetime.timezone.utc)
    is_ca = path_length is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS_VALID))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=not is_ca, data_encipherment=False,
                key_agreement=False, key_cert_sign=is_ca, crl_sign=is_ca, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )
    if not is_ca:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def server_context(directory):
    """Writes `ca.pem` into `directory`; gives the server's TLS context and the path of the CA file."""
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]
    root = _certificate("bench root", keys[0], "bench root", keys[0], 1)
    middle = _certificate("bench intermediate", keys[1], "bench root", keys[0], 0)
    leaf = _certificate("localhost", keys[2], "bench intermediate", keys[1], None)

    directory = Path(directory)
    ca_file = directory / "ca.pem"
    ca_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    chain_file = directory / "server.pem"
    chain_file.touch(mode=0o600)
    plain_key = keys[2].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in (leaf, middle))
    chain_file.write_bytes(plain_key + chain)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain_file)
    return context, ca_file
