import com.android.apksig.ApkSigner;
import com.android.apksig.ApkVerifier;
import java.io.File;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Signs an APK and checks what came out: Debian's apksigner moves libraries back to pages of 4 KiB, and a phone with pages of
 * 16 KiB would not load them.
 *
 * <p>java -cp apksig.jar Sign.java IN OUT KEYSTORE ALIAS; the password is in COURIER_KEYSTORE_PASSWORD.
 */
class Sign {
    private static final int PAGE = 16_384;
    private static final int LOWEST_ANDROID = 26;

    public static void main(String[] arguments) throws Exception {
        File in = new File(arguments[0]);
        File out = new File(arguments[1]);
        char[] password = System.getenv("COURIER_KEYSTORE_PASSWORD").toCharArray();
        KeyStore keys = KeyStore.getInstance(new File(arguments[2]), password);
        PrivateKey key = (PrivateKey) keys.getKey(arguments[3], password);
        if (key == null) throw new IllegalArgumentException("no key " + arguments[3] + " in " + arguments[2]);
        List<X509Certificate> chain =
            Arrays.stream(keys.getCertificateChain(arguments[3])).map(it -> (X509Certificate) it).toList();
        new ApkSigner.Builder(List.of(new ApkSigner.SignerConfig.Builder("courier", key, chain).build()))
            .setInputApk(in)
            .setOutputApk(out)
            .setMinSdkVersion(LOWEST_ANDROID)
            .setLibraryPageAlignmentBytes(PAGE)
            .build()
            .sign();
        ApkVerifier.Result verified = new ApkVerifier.Builder(out).setMinCheckedPlatformVersion(LOWEST_ANDROID).build().verify();
        if (!verified.isVerified()) throw new IllegalStateException("not verified: " + verified.getErrors());
        System.out.println("verifies, schemes 2: " + verified.isVerifiedUsingV2Scheme() + ", 3: " + verified.isVerifiedUsingV3Scheme());
        checkPages(out);
    }

    /** Libraries are mapped where they lie: stored, and at the beginning of a page. */
    private static void checkPages(File apk) throws Exception {
        try (ZipFile zip = new ZipFile(apk); RandomAccessFile bytes = new RandomAccessFile(apk, "r")) {
            int libraries = 0;
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.getName().endsWith(".so")) continue;
                libraries++;
                long at = dataOf(entry.getName(), bytes);
                if (entry.getMethod() != ZipEntry.STORED || at % PAGE != 0) {
                    throw new IllegalStateException(entry.getName() + " is at " + at + ", no page of " + PAGE + " bytes begins there");
                }
            }
            if (libraries == 0) throw new IllegalStateException("no library is in it");
            System.out.println(libraries + " libraries, each at the beginning of a page of " + PAGE + " bytes");
        }
    }

    /** Where the data of an entry begin (APPNOTE 4.3.7: local header, name, extra field). */
    private static long dataOf(String name, RandomAccessFile bytes) throws Exception {
        byte[] all = new byte[(int) bytes.length()];
        bytes.seek(0);
        bytes.readFully(all);
        ByteBuffer view = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 30 < all.length && view.getInt(at) == 0x04034b50; ) {
            int nameLength = Short.toUnsignedInt(view.getShort(at + 26));
            int data = at + 30 + nameLength + Short.toUnsignedInt(view.getShort(at + 28));
            if (new String(all, at + 30, nameLength, "UTF-8").equals(name)) return data;
            at = data + view.getInt(at + 18);
        }
        throw new IllegalStateException("no local header of " + name);
    }
}
