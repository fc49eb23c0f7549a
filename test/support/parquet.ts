// Parquet files for tests: a column of lists of whole numbers, and others beside.
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface ListColumn {
  readonly name: string;
  readonly lists: readonly (readonly (number | bigint | null)[] | null)[];
  readonly type?: 'INT32' | 'INT64' | 'DOUBLE';
}

export interface PlainColumn {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly type: 'INT32' | 'INT64' | 'DOUBLE' | 'STRING';
}

export function parquet(columns: readonly (ListColumn | PlainColumn)[], rowGroupSize = 1000): Buffer {
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(schemaOf)];
  const columnData = columns.map((column) => ({ name: column.name, data: [...('lists' in column ? column.lists : column.values)] }));
  return Buffer.from(parquetWriteBuffer({ columnData, schema, rowGroupSize }));
}

function schemaOf(column: ListColumn | PlainColumn): SchemaElement[] {
  const { name } = column;
  if ('values' in column) {
    const isText = column.type === 'STRING';
    const type = isText ? 'BYTE_ARRAY' : (column.type as 'INT32');
    return [{ name, repetition_type: 'OPTIONAL', type, ...(isText && { converted_type: 'UTF8' as const }) }];
  }
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', type: column.type ?? 'INT32' },
  ];
}
