package io.github.peft4j.training.report;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A file of TensorBoard events: TFRecord frames (length, its masked CRC32C, content, its masked CRC32C, little-endian) around
 * {@code tensorflow.Event} messages in protocol buffers' wire format.
 *
 * @see <a href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto">event.proto</a>
 */
final class EventFile implements Closeable {

    // Field numbers of Event, Summary and Summary.Value.
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;

    // Wire types.
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private static final int MASK = 0xa282ead8;

    private final OutputStream out;

    /** Begins a file; one that exists is replaced. */
    EventFile(File file, double wallTime) throws IOException {
        out = new FileOutputStream(file);
        write(new Message().fixed64(WALL_TIME, wallTime).bytes(FILE_VERSION, utf8("brain.Event:2")));
    }

    /** Adds one number. */
    void scalar(String tag, float value, long step, double wallTime) throws IOException {
        Message number = new Message().bytes(TAG, utf8(tag)).fixed32(SIMPLE_VALUE, value);
        Message summary = new Message().bytes(VALUE, number.content());
        write(new Message().fixed64(WALL_TIME, wallTime).varint(STEP, step).bytes(SUMMARY, summary.content()));
    }

    private void write(Message event) throws IOException {
        byte[] content = event.content();
        ByteBuffer frame = ByteBuffer.allocate(16 + content.length).order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(content.length);
        frame.putInt(maskedCrc(frame.array(), Long.BYTES));
        frame.put(content);
        frame.putInt(maskedCrc(content, content.length));
        out.write(frame.array());
        out.flush();
    }

    private static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** A message in wire format, field by field. */
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            number((long) field << 3 | VARINT);
            number(value);
            return this;
        }

        Message fixed64(int field, double value) {
            number((long) field << 3 | FIXED64);
            ByteBuffer eight = ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.writeBytes(eight.putDouble(value).array());
            return this;
        }

        Message fixed32(int field, float value) {
            number((long) field << 3 | FIXED32);
            ByteBuffer four = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.writeBytes(four.putFloat(value).array());
            return this;
        }

        Message bytes(int field, byte[] content) {
            number((long) field << 3 | BYTES);
            number(content.length);
            bytes.writeBytes(content);
            return this;
        }

        private void number(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }

        byte[] content() {
            return bytes.toByteArray();
        }
    }
}
