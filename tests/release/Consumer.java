import org.courier.data.CourierRepository;

/** An app of somebody else: it compiles against the Android archive and what its description asks for. */
final class Consumer {
    static String version() {
        return org.courier.core.Courier_ffiKt.coreVersion();
    }

    static Class<?> repository() {
        return CourierRepository.class;
    }
}
