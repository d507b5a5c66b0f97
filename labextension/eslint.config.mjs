import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import noUnsanitized from 'eslint-plugin-no-unsanitized';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig([
  { ignores: ['.yarn', 'build', 'lib', 'lib-test', 'node_modules', '**/*.js', '**/*.d.ts'] },
  js.configs.recommended,
  tseslint.configs.strict,
  noUnsanitized.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { project: ['./tsconfig.json', './tsconfig.test.json'] }
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      '@typescript-eslint/unified-signatures': 'off',
      curly: 'error',
      eqeqeq: 'error',
      'jupyter/no-dynamic-translation': 'error',
      'jupyter/no-translation-concatenation': 'error',
      'jupyter/no-untranslated-string': 'error',
      'jupyter/prefer-lazy-imports': 'off', // what activation needs is needed at once
      'prefer-arrow-callback': 'error'
    }
  },
  {
    files: ['src/**/*.test.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', 'jupyter/no-untranslated-string': 'off' }
  },
  prettier
]);
